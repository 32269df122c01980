use super::*;
use crate::reason;
use anchor_lang::prelude::*;
use bytemuck::Zeroable;

const STATES: [u8; 10] =
    [OPEN, ASSIGNED, RUNNING, FINISHED, SETTLED, CANCELLED, EXPIRED, DISPUTED, RESOLVED, JOINED];
const DEVICE: Address = Address::new_from_array([2; 32]);
const MATCHER: Address = Address::new_from_array([3; 32]);
const GANG: Address = Address::new_from_array([4; 32]);

fn job(state: u8) -> Job {
    let mut job = Job::zeroed();
    job.state = state;
    job.max_price = 10;
    job.price = 7;
    job.gpus = 2;
    job.max_seconds = 100;
    job.window = 50;
    job.funded = crate::math::funding(10, 2, 100, FEE_BPS).unwrap();
    job.deadline = 1_000;
    job.place_by = 1_500;
    job.max_runs = 2;
    job.run = 1;
    job.device = DEVICE;
    job.matcher = MATCHER;
    job
}

fn gang(members: u16) -> Gang {
    let mut gang = Gang::zeroed();
    gang.members = members;
    gang.deadline = 900;
    gang
}

fn accepted(mut act: impl FnMut(&mut Job) -> Result<()>) -> Vec<u8> {
    STATES.into_iter().filter(|state| act(&mut job(*state)).is_ok()).collect()
}

#[test]
fn each_transition_accepts_only_its_states() {
    let offer = || Offer { node: Address::default(), device: Address::default(), price: 7 };
    assert_eq!(accepted(|job| job.assign(&offer(), 999, 600)), [OPEN]);
    assert_eq!(accepted(|job| job.assign(&offer(), 1_499, 600)), [OPEN, ASSIGNED]);
    assert!(accepted(|job| job.assign(&offer(), 1_500, 600)).is_empty());
    assert_eq!(accepted(|job| job.start(Address::default(), 999, 600)), [ASSIGNED]);
    assert_eq!(accepted(|job| job.prove(1, 0, 999)), [RUNNING, CANCELLED]);
    assert_eq!(accepted(|job| job.prove(1, 0, 1_000)), [RUNNING]);
    assert_eq!(accepted(|job| job.finish(&[1; 32], 1, 999)), [RUNNING]);
    assert_eq!(accepted(|job| job.extend(1, FEE_BPS, 999).map(drop)), [OPEN, ASSIGNED, RUNNING]);
    assert!(accepted(|job| job.extend(1, FEE_BPS, 1_000).map(drop)).is_empty());
    assert_eq!(accepted(|job| job.release(&DEVICE, 20, 999, 600)), [RUNNING]);
    assert_eq!(accepted(|job| job.dispute(999, 600)), [FINISHED]);
    assert_eq!(accepted(|job| job.resolve(0, 999)), [DISPUTED]);
    assert_eq!(accepted(|job| job.cancel(999, 600)), [OPEN, ASSIGNED, RUNNING, JOINED]);
    assert_eq!(accepted(|job| job.expire(None, 1_600, 600)), [OPEN, ASSIGNED, RUNNING]);
    let waiting = gang(2);
    assert_eq!(accepted(|job| job.join(DEVICE, &waiting, 899)), [ASSIGNED]);
    assert_eq!(
        accepted(|job| job.expire(Some(&waiting), 900, 600)),
        [OPEN, ASSIGNED, JOINED] // a running one has another deadline
    );
    let mut started = gang(2);
    started.started_at = 800;
    assert_eq!(accepted(|job| job.start_with(&started, 600)), [JOINED]);
    assert!(accepted(|job| job.start_with(&waiting, 600)).is_empty());
    let settler = Address::default();
    let settled = [FINISHED, CANCELLED, EXPIRED, DISPUTED, RESOLVED];
    assert_eq!(accepted(|job| job.require_settler(&settler, 1_000)), settled);
}

#[test]
fn deadlines_hold_at_both_sides() {
    assert!(job(ASSIGNED).start(Address::default(), 1_000, 600).is_err());
    assert!(job(RUNNING).finish(&[1; 32], 1, 1_000).is_ok());
    assert!(job(RUNNING).finish(&[1; 32], 1, 1_001).is_err());
    assert!(job(OPEN).expire(None, 1_599, 600).is_err());
    let stranger = Address::new_from_array([1; 32]);
    assert!(job(FINISHED).require_settler(&stranger, 999).is_err());
    assert!(job(FINISHED).require_settler(&stranger, 1_000).is_ok());
    assert!(job(CANCELLED).require_settler(&stranger, 999).is_err());
    assert!(job(CANCELLED).require_settler(&job(CANCELLED).matcher, 999).is_ok());
    assert!(job(CANCELLED).require_settler(&stranger, 1_000).is_ok());
    assert!(job(EXPIRED).require_settler(&stranger, 0).is_ok());
    assert!(job(RESOLVED).require_settler(&stranger, 0).is_ok());
    assert!(job(DISPUTED).require_settler(&job(DISPUTED).client, 999).is_err());
    assert!(job(DISPUTED).require_settler(&stranger, 1_000).is_ok());
    assert!(job(FINISHED).dispute(1_000, 600).is_err());
    assert!(job(DISPUTED).resolve(0, 1_000).is_err());
}

#[test]
fn an_extension_funds_exactly_the_difference() {
    let mut job = job(RUNNING);
    let before = job.funded;
    let added = job.extend(MOST_SECONDS - 100, FEE_BPS, 999).unwrap();
    assert_eq!(Some(job.funded), crate::math::funding(10, 2, MOST_SECONDS, FEE_BPS));
    assert_eq!((before + added, job.max_seconds), (job.funded, MOST_SECONDS));
    assert_eq!(job.deadline, 1_000 + i64::from(MOST_SECONDS) - 100);
    for seconds in [0, 1, u32::MAX] {
        assert!(job.extend(seconds, FEE_BPS, 999).is_err());
    }
    job.invariant().unwrap();
}

#[test]
fn the_device_gives_a_run_up_at_once_and_the_matcher_after_silence() {
    let running = || {
        let mut job = job(RUNNING);
        (job.started_at, job.proven_at, job.node, job.payee) = (300, 300, DEVICE, DEVICE);
        job
    };
    for (by, reason, now, accepted) in [
        (DEVICE, 20, 301, true),
        (DEVICE, 22, 301, true),
        (DEVICE, 40, 301, true),
        (DEVICE, 1, 301, false),
        (DEVICE, 21, 950, false),
        (MATCHER, 21, 899, false),
        (MATCHER, 21, 900, true),
        (MATCHER, 20, 950, false),
        (GANG, 20, 950, false),
        (DEVICE, 20, 1_000, true),
        (DEVICE, 20, 1_001, false),
    ] {
        assert_eq!(running().release(&by, reason, now, 600).is_ok(), accepted, "{reason} {now}");
    }
    let mut job = running();
    job.prove(5, 50, 400).unwrap();
    assert!(job.release(&MATCHER, 21, 999, 600).is_err());
    job.release(&DEVICE, 20, 400, 600).unwrap();
    assert_eq!((job.state, job.run, job.deadline, job.counter), (OPEN, 1, 1_500, 0));
    assert_eq!((job.node, job.device, job.payee), Default::default());
    assert_eq!((job.price, job.proven_seconds, job.proven_at, job.started_at), (0, 0, 0, 0));
    job.invariant().unwrap();
    for (field, value) in [(0, 1), (1, 400)] {
        let mut job = running();
        if field == 0 {
            job.max_runs = value
        } else {
            job.place_by = i64::from(value)
        }
        assert!(job.release(&DEVICE, 20, 400, 600).is_err());
    }
}

#[test]
fn an_arbiter_leaves_what_is_proven_or_less() {
    let mut job = job(DISPUTED);
    job.reason = 1;
    job.proven_seconds = 30;
    assert!(job.resolve(31, 999).is_err());
    job.resolve(29, 999).unwrap();
    assert_eq!((job.state, job.proven_seconds), (RESOLVED, 29));
    job.invariant().unwrap();
}

#[test]
fn a_gang_starts_with_its_last_member_or_not_at_all() {
    let mut gang = gang(2);
    gang.open(899).unwrap();
    assert!(!gang.is_full());
    gang.open(899).unwrap();
    assert!(gang.is_full() && gang.open(899).is_err());
    gang.join(700).unwrap();
    gang.leave().unwrap();
    gang.join(700).unwrap();
    assert!(gang.join(900).is_err());
    assert_eq!((gang.joined, gang.started_at), (1, 0));
    gang.join(899).unwrap();
    assert_eq!((gang.joined, gang.started_at), (2, 899));
    assert!(gang.leave().is_err());
    gang.invariant().unwrap();

    let mut job = job(ASSIGNED);
    job.gang = GANG;
    assert!(job.start(DEVICE, 800, 600).is_err());
    job.join(DEVICE, &gang, 800).unwrap();
    job.invariant().unwrap();
    job.start_with(&gang, 600).unwrap();
    assert_eq!((job.started_at, job.proven_at, job.deadline), (899, 899, 899 + 100 + 600));
    assert!(job.release(&DEVICE, 20, 900, 600).is_err());
    job.invariant().unwrap();
}

#[test]
fn a_delegate_spends_within_its_limits_for_a_job_and_for_a_day() {
    let hour = |hour: i64| hour * SPENDING_HOUR;
    let mut delegate = Delegate::zeroed();
    (delegate.per_job, delegate.per_day) = (60, 100);
    assert!(delegate.spend(61, 61, hour(1_000)).is_err());
    delegate.spend(60, 60, hour(1_000)).unwrap();
    assert!(delegate.spend(41, 41, hour(1_000)).is_err());
    delegate.spend(40, 60, hour(1_001) - 1).unwrap();
    // The hour of the first spending is not forgotten before all of it is 24 hours old.
    assert!(delegate.spend(1, 1, hour(1_025) - 1).is_err());
    delegate.spend(60, 60, hour(1_025)).unwrap();
    delegate.spend(40, 40, hour(1_049)).unwrap();
    assert!(delegate.spend(1, 1, hour(1_049)).is_err());
    delegate.spend(60, 60, hour(9_000)).unwrap();
    assert_eq!(delegate.spent.iter().sum::<u64>(), 60);
    delegate.per_day = u64::MAX;
    delegate.per_job = u64::MAX;
    assert!(delegate.spend(u64::MAX, 1, hour(9_000)).is_err());
}

#[test]
fn burning_is_rounded_up_and_never_above_the_fees() {
    let mut config = Config::zeroed();
    for (bps, fees, burned) in [
        (0, 7, 0),
        (1, 1, 1),
        (5_000, 3, 2),
        (10_000, 3, 3),
        (9_999, u64::MAX, 18_444_899_399_302_180_660),
    ] {
        config.burn_bps = bps;
        assert_eq!(config.split(fees).unwrap(), (burned, fees - burned), "{bps} {fees}");
    }
}

#[test]
fn only_a_run_that_was_going_on_leaves_time_for_a_statement() {
    for (state, deadline) in [(OPEN, 900), (ASSIGNED, 900), (RUNNING, 1_500)] {
        let mut job = job(state);
        job.cancel(900, 600).unwrap();
        assert_eq!((job.deadline, job.ended_at), (deadline, 900));
    }
    let mut job = job(RUNNING);
    job.started_at = 850;
    job.cancel(900, 600).unwrap();
    assert!(job.prove(1, 52, 1_499).is_err());
    assert!(job.prove(1, 51, 1_500).is_err());
    job.prove(1, 51, 1_499).unwrap();
    assert_eq!((job.state, job.proven_seconds), (CANCELLED, 51));
    job.invariant().unwrap();
}

#[test]
fn statements_only_grow_and_stay_within_time_and_maximum() {
    let mut job = job(RUNNING);
    job.started_at = 500;
    assert!(job.prove(0, 1, 510).is_err());
    assert!(job.prove(1, 12, 510).is_err());
    job.prove(1, 11, 510).unwrap();
    assert!(job.prove(1, 11, 510).is_err());
    assert!(job.prove(2, 10, 510).is_err());
    job.prove(2, 11, 510).unwrap();
    assert!(job.prove(3, 101, 1_000).is_err());
    job.prove(u64::MAX, 100, 1_000).unwrap();
    job.invariant().unwrap();
}

#[test]
fn only_a_reason_that_pays_pays() {
    for entry in reason::REASONS {
        let mut job = job(FINISHED);
        (job.reason, job.proven_seconds) = (entry.code, 30);
        let bill = job.bill(FEE_BPS).unwrap();
        assert_eq!(bill.paid, if entry.pays { 420 - 2 } else { 0 }, "{}", entry.name);
        job.settle(&bill).unwrap();
        assert_eq!(job.paid + job.fees + job.refunded, job.funded);
    }
}
