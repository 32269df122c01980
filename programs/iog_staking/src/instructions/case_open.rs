use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::CaseOpened,
    iog_token,
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
    pub config: Account<Config>,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(init, payer = payer, seeds = [b"case", node.address(), evidence_hash], bump)]
    pub case: Account<SlashCase>,
    pub token_config: Account<iog_token::Config>,
    pub system_program: Program<System>,
}

impl CaseOpen {
    /// What the case takes of each bucket.
    fn validate(&self, args: &CaseOpenArgs) -> Result<Buckets> {
        self.config.require_running()?;
        require!(self.node.case_open == 0, StakingError::CaseOpen);
        SlashCase::require_kind(args.kind, args.bps)?;
        let parts = taken(&self.node.buckets(), args.bps).ok_or(StakingError::SumOverflow)?;
        require!(parts != [0; 4], StakingError::NothingToTake);
        Ok(parts)
    }

    pub fn case_open(&mut self, args: &CaseOpenArgs, bump: u8) -> Result<()> {
        let parts = self.validate(args)?;
        let (now, hour) = vaults::now(&self.token_config)?;
        *self.case = SlashCase {
            node: *self.node.address(),
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
        self.emit();
        self.node.invariant()
    }

    fn emit(&self) {
        emit!(CaseOpened {
            case: *self.case.address(),
            node: self.case.node,
            slasher: self.case.slasher,
            owner: self.case.owner,
            costaker: self.case.costaker,
            kind: self.case.kind,
            bps: self.case.bps,
            evidence_hash: self.case.evidence_hash,
            own: self.case.own,
            costake: self.case.costake,
            cooling: self.case.cooling,
            cooling_costake: self.case.cooling_costake,
            deadline: self.case.deadline,
            node_state: self.node.state,
            frozen: self.config.frozen,
        });
    }
}
