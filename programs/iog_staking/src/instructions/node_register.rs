use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::NodeRegistered,
    iog_token,
    state::{requirement, Class, Config, Node, MOST_GPUS, REGISTERED, RETIRED},
    vaults, ID,
};

pub struct NodeRegisterArgs {
    pub gpus: u16,
    /// Price of one GPU for one second, base units; 0 means not for rent.
    pub ask: u64,
    pub payee: Address,
}

#[derive(Accounts)]
pub struct NodeRegister {
    /// Pays the rent.
    #[account(mut)]
    pub owner: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    pub class: Account<Class>,
    /// New, or retired by the same owner: another needs another device key, since what the device
    /// once signed stays valid.
    #[account(init_if_needed, payer = owner, seeds = [b"node", device.address()], bump)]
    pub node: Account<Node>,
    pub token_config: Account<iog_token::Config>,
    pub instructions: Sysvar<SysvarInstructions>,
    /// Only its address matters: the key that signed the registration.
    pub device: UncheckedAccount,
    pub system_program: Program<System>,
}

impl NodeRegister {
    /// The multiplier of the class in this hour.
    fn validate(&self, args: &NodeRegisterArgs, hour: u32) -> Result<u32> {
        self.config.require_running()?;
        if !self.node.is_new() {
            require!(self.node.owner == *self.owner.address(), StakingError::NotOwner);
            require!(self.node.state == RETIRED, StakingError::NodeNotRetired);
        }
        require!((1..=MOST_GPUS).contains(&args.gpus), StakingError::GpusOutOfRange);
        require!(args.payee != Address::default(), StakingError::PayeeZero);
        let (multiplier, enabled) = self.class.at(hour);
        require!(enabled, StakingError::ClassDisabled);
        self.validate_signature(args.gpus)?;
        Ok(multiplier)
    }

    /// The device agreed: the owner of a wallet cannot take over a machine's key.
    fn validate_signature(&self, gpus: u16) -> Result<()> {
        let device = self.device.address().as_array();
        let message = iog_statement::registration(
            &self.config.genesis_hash,
            ID.as_array(),
            device,
            self.owner.address().as_array(),
            self.class.address().as_array(),
            gpus,
        );
        let signers = iog_statement::signed_before(&self.instructions, &message)
            .map_err(StakingError::from)?;
        require!(signers.first == device && signers.second.is_none(), StakingError::SignatureKey);
        Ok(())
    }

    pub fn node_register(&mut self, args: &NodeRegisterArgs, bump: u8) -> Result<()> {
        let (now, hour) = vaults::now(&self.token_config)?;
        let multiplier = self.validate(args, hour)?;
        let needed = requirement(multiplier, args.gpus).ok_or(StakingError::SumOverflow)?;
        *self.node = Node {
            device: *self.device.address(),
            owner: *self.owner.address(),
            class: *self.class.address(),
            payee: args.payee,
            prev_payee: args.payee,
            costaker: Address::default(),
            ask: args.ask,
            stake: 0,
            prev_stake: 0,
            costake: 0,
            cooling: 0,
            cooling_costake: 0,
            offer_amount: 0,
            cooling_until: 0,
            costake_cooling_until: 0,
            costake_leave_at: 0,
            registered_at: now,
            payee_from_hour: 0,
            stake_from_hour: 0,
            active_from_hour: 0,
            costake_from_hour: 0,
            multiplier,
            gpus: args.gpus,
            busy: 0,
            running: 0,
            costake_share_bps: 0,
            prev_costake_share_bps: 0,
            offer_share_bps: 0,
            case_open: 0,
            state: REGISTERED,
            bump,
            reserved: [0; 5],
        };
        emit!(NodeRegistered {
            node: *self.node.address(),
            device: self.node.device,
            owner: self.node.owner,
            class: self.node.class,
            payee: args.payee,
            gpus: args.gpus,
            ask: args.ask,
            multiplier,
            requirement: needed,
            at: now,
        });
        self.node.invariant()
    }
}
