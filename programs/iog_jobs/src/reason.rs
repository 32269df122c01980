//! Why a job ended, whose fault that is, and whether proven seconds are paid for.
//!
//! Codes are append only; the table is shared with the protocol off chain by
//! `tests/vectors/end_reasons.json`.

/// Whose fault an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    Client,
    Node,
    Platform,
    Network,
}

/// One way to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: u8,
    pub name: &'static str,
    pub fault: Fault,
    /// Proven seconds are paid for.
    pub pays: bool,
    /// The device may give it when it finishes.
    pub device: bool,
}

/// The job has not ended.
pub const NONE: u8 = 0;
/// The client ended it.
pub const CANCELLED: u8 = 4;
/// The node fell silent.
pub const NODE_LOST: u8 = 21;
/// No node was found in time.
pub const NOT_PLACED: u8 = 41;
/// The node did not start in time.
pub const START_MISSED: u8 = 42;
/// The node did not finish in time.
pub const EXPIRED: u8 = 43;
/// Not all of its gang joined in time.
pub const GANG_INCOMPLETE: u8 = 44;

#[rustfmt::skip]
pub const REASONS: [Reason; 16] = [
    reason(NONE, "none", Fault::None, false, false),
    reason(1, "completed", Fault::None, true, true),
    reason(2, "command_failed", Fault::Client, true, true),
    reason(3, "timed_out", Fault::Client, true, true),
    reason(CANCELLED, "cancelled", Fault::Client, true, false),
    reason(5, "input_invalid", Fault::Client, true, true),
    reason(6, "out_of_memory", Fault::Client, true, true),
    reason(7, "output_missing", Fault::Client, true, true),
    reason(20, "node_failed", Fault::Node, false, true),
    reason(NODE_LOST, "node_lost", Fault::Node, false, false),
    reason(22, "node_stopped", Fault::Node, false, true),
    reason(40, "platform_failed", Fault::Platform, false, true),
    reason(NOT_PLACED, "not_placed", Fault::Network, false, false),
    reason(START_MISSED, "start_missed", Fault::Node, false, false),
    reason(EXPIRED, "expired", Fault::Network, true, false),
    reason(GANG_INCOMPLETE, "gang_incomplete", Fault::Network, false, false),
];

/// The reason of this code.
pub fn find(code: u8) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.code == code)
}

/// Whether proven seconds are paid for at this end.
pub fn pays(code: u8) -> bool {
    find(code).is_some_and(|reason| reason.pays)
}

/// Whether a device may give this reason.
pub fn device_may_give(code: u8) -> bool {
    find(code).is_some_and(|reason| reason.device)
}

/// Whether a device may give a run up for this reason: one that is not the client's.
pub fn device_may_release(code: u8) -> bool {
    find(code).is_some_and(|reason| reason.device && !reason.pays)
}

const fn reason(code: u8, name: &'static str, fault: Fault, pays: bool, device: bool) -> Reason {
    Reason { code, name, fault, pays, device }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_of_the_vectors() {
        let text = include_str!("../../../tests/vectors/end_reasons.json");
        let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
        let vectors = vectors.as_array().unwrap();
        assert_eq!(vectors.len(), REASONS.len());
        for (vector, reason) in vectors.iter().zip(REASONS) {
            assert_eq!(vector["code"].as_u64(), Some(reason.code.into()));
            assert_eq!(vector["name"].as_str(), Some(reason.name));
            let fault = format!("{:?}", reason.fault).to_lowercase();
            assert_eq!(vector["fault"].as_str(), Some(fault.as_str()));
            assert_eq!(vector["pays"].as_bool(), Some(reason.pays));
            assert_eq!(vector["device"].as_bool(), Some(reason.device));
        }
    }

    #[test]
    fn a_run_is_given_up_only_for_what_pays_nothing() {
        let codes = REASONS.iter().map(|reason| reason.code);
        assert!(codes.filter(|code| device_may_release(*code)).eq([20, 22, 40]));
    }

    #[test]
    fn every_other_code_pays_nothing_and_is_no_device_s_to_give() {
        for code in 0..=u8::MAX {
            if REASONS.iter().all(|reason| reason.code != code) {
                assert!(!pays(code) && !device_may_give(code) && !device_may_release(code));
            }
        }
    }
}
