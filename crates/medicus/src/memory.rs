//! What the program has in memory stays off the disk: keys and consultations are in no core dump.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core dump of this process or of those it starts, and no other program of this user reads its memory. Where a limit
/// cannot be set the log says so, and the program goes on.
pub(crate) fn keep_off_disk() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let done = setrlimit(Resource::Core, none).and(set_dumpable_behavior(DumpableBehavior::NotDumpable));
    if let Err(error) = done {
        tracing::warn!(%error, "core dumps of this process could not be turned off");
    }
}
