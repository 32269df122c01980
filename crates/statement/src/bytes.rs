//! What is signed: fixed layouts, little-endian, each begun by a name of 16 bytes.

/// Length of a statement's bytes.
pub const STATEMENT_LENGTH: usize = 165;

/// Length of a registration's bytes.
pub const REGISTRATION_LENGTH: usize = 178;

const STATEMENT_NAME: &[u8; 16] = b"iog-statement-v1";
const REGISTRATION_NAME: &[u8; 16] = b"iog-register-v1\0";

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Seconds run of one job; the subject is the Job's address.
    Job = 0,
    /// Seconds alive in one hour; the subject is the hour's number.
    Hour = 1,
}

/// Evidence of life, signed by a device.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Genesis hash of the cluster, so that no other chain takes it.
    pub genesis_hash: &'a [u8; 32],
    /// Id of iog_jobs, so that no other network on the cluster takes it.
    pub program: &'a [u8; 32],
    /// Key of the node.
    pub device: &'a [u8; 32],
    pub kind: Kind,
    /// Address of the Job, or [`hour_subject`].
    pub subject: &'a [u8; 32],
    /// Attempt at the job, from 1; 0 for an hour.
    pub run: u32,
    /// Grows with each statement of a run.
    pub counter: u64,
    /// Seconds proven so far, of this run or this hour.
    pub seconds: u64,
}

impl Statement<'_> {
    /// The bytes that are signed.
    pub fn to_bytes(&self) -> [u8; STATEMENT_LENGTH] {
        let mut bytes = [0; STATEMENT_LENGTH];
        let mut writer = Writer { bytes: &mut bytes, at: 0 };
        writer.put(STATEMENT_NAME);
        writer.put(self.genesis_hash);
        writer.put(self.program);
        writer.put(self.device);
        writer.put(&[self.kind as u8]);
        writer.put(self.subject);
        writer.put(&self.run.to_le_bytes());
        writer.put(&self.counter.to_le_bytes());
        writer.put(&self.seconds.to_le_bytes());
        bytes
    }
}

/// The subject of an hour statement: the hour's number, then zeros.
pub fn hour_subject(hour: u64) -> [u8; 32] {
    let mut subject = [0; 32];
    subject[..8].copy_from_slice(&hour.to_le_bytes());
    subject
}

/// The bytes by which a device agrees to be registered: by this owner, in this class, with this
/// many GPUs. `program` is the id of iog_staking.
pub fn registration(
    genesis_hash: &[u8; 32],
    program: &[u8; 32],
    device: &[u8; 32],
    owner: &[u8; 32],
    class: &[u8; 32],
    gpus: u16,
) -> [u8; REGISTRATION_LENGTH] {
    let mut bytes = [0; REGISTRATION_LENGTH];
    let mut writer = Writer { bytes: &mut bytes, at: 0 };
    writer.put(REGISTRATION_NAME);
    for part in [genesis_hash, program, device, owner, class] {
        writer.put(part);
    }
    writer.put(&gpus.to_le_bytes());
    bytes
}

/// Appends parts to a buffer that is exactly long enough for all of them.
struct Writer<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl Writer<'_> {
    #[inline(always)]
    fn put(&mut self, part: &[u8]) {
        let end = self.at + part.len();
        self.bytes[self.at..end].copy_from_slice(part);
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn vectors() -> serde_json::Value {
        let text = include_str!("../../../tests/vectors/statements.json");
        serde_json::from_str(text).unwrap()
    }

    fn bytes(value: &serde_json::Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    fn key(value: &serde_json::Value) -> [u8; 32] {
        bytes(value).try_into().unwrap()
    }

    #[test]
    fn statements_are_the_bytes_of_the_vectors() {
        for vector in vectors()["statements"].as_array().unwrap() {
            let number = |name: &str| vector[name].as_u64().unwrap();
            let (kind, subject) = match vector["kind"].as_str().unwrap() {
                "job" => (Kind::Job, key(&vector["job"])),
                _ => (Kind::Hour, hour_subject(number("hour"))),
            };
            let statement = Statement {
                genesis_hash: &key(&vector["genesis_hash"]),
                program: &key(&vector["program"]),
                device: &key(&vector["device"]),
                kind,
                subject: &subject,
                run: number("run") as u32,
                counter: number("counter"),
                seconds: number("seconds"),
            };
            assert_eq!(statement.to_bytes().as_slice(), bytes(&vector["bytes"]));
        }
    }

    #[test]
    fn registrations_are_the_bytes_of_the_vectors() {
        for vector in vectors()["registrations"].as_array().unwrap() {
            let made = registration(
                &key(&vector["genesis_hash"]),
                &key(&vector["program"]),
                &key(&vector["device"]),
                &key(&vector["owner"]),
                &key(&vector["class"]),
                vector["gpus"].as_u64().unwrap() as u16,
            );
            assert_eq!(made.as_slice(), bytes(&vector["bytes"]));
        }
    }
}
