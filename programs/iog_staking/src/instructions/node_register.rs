use anchor_lang::prelude::*;
use bytemuck::Zeroable;

use crate::{
    error::StakingError,
    events::NodeRegistered,
    iog_token,
    making::{read, write, New},
    record::Record,
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
    pub config: Record<Config>,
    pub class: Record<Class>,
    /// New, or retired by the same owner: another needs another device key, since what the device
    /// once signed stays valid. Unchecked: it is made here unless it is there.
    #[account(mut, seeds = [b"node", device.address()], bump)]
    pub node: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub instructions: Sysvar<SysvarInstructions>,
    /// Only its address matters: the key that signed the registration.
    pub device: UncheckedAccount,
    pub system_program: Program<System>,
}

impl NodeRegister {
    /// The multiplier of the class in this hour.
    fn validate(&self, args: &NodeRegisterArgs, old: Option<&Node>, hour: u32) -> Result<u32> {
        self.config.require_running()?;
        if let Some(old) = old {
            require!(old.owner == *self.owner.address(), StakingError::NotOwner);
            require!(old.state == RETIRED, StakingError::NodeNotRetired);
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
        let account = self.node.account();
        let old = read::<Node>(account)?;
        let multiplier = self.validate(args, old.as_ref(), hour)?;
        let needed = requirement(multiplier, args.gpus).ok_or(StakingError::SumOverflow)?;
        let node = Node {
            device: *self.device.address(),
            owner: *self.owner.address(),
            class: *self.class.address(),
            payee: args.payee,
            prev_payee: args.payee,
            ask: args.ask,
            registered_at: now,
            multiplier,
            gpus: args.gpus,
            state: REGISTERED,
            bump,
            ..Node::zeroed()
        };
        match old {
            Some(_) => write(account, &node)?,
            None => {
                let seeds: &[&[u8]] = &[b"node", node.device.as_array(), &[bump]];
                New { payer: self.owner.account(), account, seeds }.with(&node)?;
            }
        }
        emit!(NodeRegistered {
            node: *account.address(),
            device: node.device,
            owner: node.owner,
            class: node.class,
            payee: args.payee,
            gpus: args.gpus,
            ask: args.ask,
            multiplier,
            requirement: needed,
            at: now,
        });
        node.invariant()
    }
}
