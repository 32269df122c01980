use super::*;
use bytemuck::Zeroable;

const STATES: [u8; 7] = [OPEN, ASSIGNED, RUNNING, FINISHED, SETTLED, CANCELLED, EXPIRED];

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
    job
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
    assert_eq!(accepted(|job| job.cancel(999, 600)), [OPEN, ASSIGNED, RUNNING]);
    assert_eq!(accepted(|job| job.expire(1_600, 600)), [OPEN, ASSIGNED, RUNNING]);
    let settler = Address::default();
    let settled = [FINISHED, CANCELLED, EXPIRED];
    assert_eq!(accepted(|job| job.require_settler(&settler, 1_000)), settled);
}

#[test]
fn deadlines_hold_at_both_sides() {
    assert!(job(ASSIGNED).start(Address::default(), 1_000, 600).is_err());
    assert!(job(RUNNING).finish(&[1; 32], 1, 1_000).is_ok());
    assert!(job(RUNNING).finish(&[1; 32], 1, 1_001).is_err());
    assert!(job(OPEN).expire(1_599, 600).is_err());
    let stranger = Address::new_from_array([1; 32]);
    assert!(job(FINISHED).require_settler(&stranger, 999).is_err());
    assert!(job(FINISHED).require_settler(&stranger, 1_000).is_ok());
    assert!(job(CANCELLED).require_settler(&stranger, 999).is_err());
    assert!(job(CANCELLED).require_settler(&job(CANCELLED).matcher, 999).is_ok());
    assert!(job(CANCELLED).require_settler(&stranger, 1_000).is_ok());
    assert!(job(EXPIRED).require_settler(&stranger, 0).is_ok());
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
