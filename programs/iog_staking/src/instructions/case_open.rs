use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::CaseOpened,
    iog_token,
    making::New,
    record::Record,
    state::{sum_of, taken, Buckets, Config, Node, SlashCase, CASE_OPEN, CASE_SECONDS, PAUSED},
    vaults,
};

pub struct CaseOpenArgs {
    pub kind: u8,
    /// Share of the stake, in 1/10,000.
    pub bps: u16,
    /// sha256 of the published evidence.
    pub evidence_hash: [u8; 32],
}

#[derive(Accounts)]
#[instruction(kind: u8, bps: u16, evidence_hash: [u8; 32])]
pub struct CaseOpen {
    pub slasher: Signer,
    /// Pays the rent. May be the slasher.
    #[account(unsafe(dup))]
    pub payer: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.slasher == *slasher.address() @ StakingError::NotSlasher
    )]
    pub config: Record<Config>,
    #[account(mut)]
    pub node: Record<Node>,
    /// Unchecked: it is made here.
    #[account(mut, seeds = [b"case", node.address(), evidence_hash], bump)]
    pub case: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub system_program: Program<System>,
}

impl CaseOpen {
    /// What the case takes of each bucket.
    fn validate(&self, args: &CaseOpenArgs) -> Result<Buckets> {
        self.config.require_running()?;
        require!(self.case.account().is_data_empty(), StakingError::EvidenceJudged);
        require!(self.node.case_open == 0, StakingError::CaseOpen);
        SlashCase::require_kind(args.kind, args.bps)?;
        let parts = taken(&self.node.buckets(), args.bps).ok_or(StakingError::SumOverflow)?;
        require!(parts != [0; 4], StakingError::NothingToTake);
        Ok(parts)
    }

    pub fn case_open(&mut self, args: &CaseOpenArgs, bump: u8) -> Result<()> {
        let parts = self.validate(args)?;
        let (now, hour) = vaults::now(&self.token_config)?;
        let node = *self.node.address();
        let case = SlashCase {
            node,
            slasher: *self.slasher.address(),
            owner: self.node.owner,
            costaker: self.node.costaker,
            evidence_hash: args.evidence_hash,
            opened_at: now,
            deadline: now.saturating_add(iog_math::scaled(CASE_SECONDS, self.config.hour_length)),
            own: parts[0],
            costake: parts[1],
            cooling: parts[2],
            cooling_costake: parts[3],
            cooling_until: self.node.cooling_until,
            costake_cooling_until: self.node.costake_cooling_until,
            bps: args.bps,
            kind: args.kind,
            state: CASE_OPEN,
            was_paused: u8::from(self.node.state == PAUSED),
            bump,
            reserved: [0; 2],
        };
        self.node.freeze(&parts, hour)?;
        self.config.freeze(sum_of(&parts).ok_or(StakingError::SumOverflow)?)?;
        let seeds: &[&[u8]] = &[b"case", node.as_array(), &args.evidence_hash, &[bump]];
        New { payer: self.payer.account(), account: self.case.account(), seeds }.with(&case)?;
        self.emit(&case);
        self.node.invariant()
    }

    fn emit(&self, case: &SlashCase) {
        emit!(CaseOpened {
            case: *self.case.address(),
            node: case.node,
            slasher: case.slasher,
            owner: case.owner,
            costaker: case.costaker,
            kind: case.kind,
            bps: case.bps,
            evidence_hash: case.evidence_hash,
            own: case.own,
            costake: case.costake,
            cooling: case.cooling,
            cooling_costake: case.cooling_costake,
            deadline: case.deadline,
            node_state: self.node.state,
            frozen: self.config.frozen,
        });
    }
}
