//! What is taken away from the process of the model before it reads anything: the network and the files.
//!
//! Landlock takes the files, all but the model (a file, or a folder with what is in it) to read, and what the driver of a
//! graphics card needs where the program was built for one; seccomp takes every way to a socket, and to another program's
//! memory. Each covers what the other leaves open, so both are used, in this order. The kernel may lack Landlock: then the
//! process goes on and says so. Without seccomp it does not start.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use serde::{Deserialize, Serialize};

use crate::card::Card;

/// What was taken away. That the network is gone is not a field: without that there is no process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// The kernel took every file but the model and those of the graphics card.
    pub files: bool,
}

/// Why the process may not go on.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The kernel did not take the filter.
    #[error("the system calls of the network cannot be refused")]
    Filter(#[from] seccompiler::Error),
    /// The filter cannot be built.
    #[error("the filter of system calls cannot be built")]
    Build(#[from] seccompiler::BackendError),
    /// A socket came with the process: it could be used without opening one.
    #[error("an open socket was inherited")]
    Inherited,
    /// What is open already cannot be looked at.
    #[error("the open files cannot be listed")]
    Listing(#[from] std::io::Error),
}

/// Ways out of the process, and memory and queues shared with others. `socket` and `socketpair` altogether: it needs none, of
/// whatever family.
const REFUSED: [i64; 39] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_bpf,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_pidfd_getfd,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_open_by_handle_at,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
];

/// The same calls by their numbers in the x32 interface, which a filter for x86-64 lets through.
#[cfg(target_arch = "x86_64")]
const OTHER_NUMBERS: Option<i64> = Some(0x4000_0000);
#[cfg(not(target_arch = "x86_64"))]
const OTHER_NUMBERS: Option<i64> = None;

/// Closes the sandbox around this process, for good. To be called before any other thread is started, with the graphics card
/// the program was built for.
///
/// # Errors
/// When the network cannot be taken away, or a socket is open already.
pub fn enter(model: &Path, card: Option<Card>) -> Result<Sandbox, SandboxError> {
    // When memory ends the kernel takes this process, not the one that keeps the record. Where it may not be said, it is not.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    no_inherited_socket()?;
    let files = take_files(model, card);
    seccompiler::apply_filter_all_threads(&filter()?)?;
    Ok(Sandbox { files })
}

fn no_inherited_socket() -> Result<(), SandboxError> {
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let path = entry?.path();
        if std::fs::read_link(&path).is_ok_and(|target| target.to_string_lossy().starts_with("socket:")) {
            return Err(SandboxError::Inherited);
        }
    }
    Ok(())
}

/// Whether the kernel took all files but the model and those of the card. Of an old kernel it takes what it can.
fn take_files(model: &Path, card: Option<Card>) -> bool {
    let reads =
        if model.is_dir() { AccessFs::ReadFile | AccessFs::ReadDir } else { AccessFs::ReadFile.into() };
    let status = || -> Result<RulesetStatus, Box<dyn std::error::Error>> {
        let ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V5))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rule(PathBeneath::new(PathFd::new(model)?, reads))?
            .add_rules(card_rules(card))?;
        Ok(ruleset.restrict_self()?.ruleset)
    };
    matches!(status(), Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced))
}

/// What is left for the card. Of what the machine does not have there is nothing to leave.
fn card_rules(
    card: Option<Card>,
) -> impl Iterator<Item = Result<PathBeneath<PathFd>, landlock::RulesetError>> {
    let files = card.map(|_| Card::files()).unwrap_or_default();
    files.into_iter().filter_map(|(path, access)| {
        let file = PathFd::new(&path).ok()?;
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(ABI::V5) };
        Some(Ok(PathBeneath::new(file, access)))
    })
}

fn filter() -> Result<BpfProgram, SandboxError> {
    let numbers = REFUSED.into_iter().chain(
        OTHER_NUMBERS.into_iter().flat_map(|other| REFUSED.into_iter().map(move |number| number | other)),
    );
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> =
        numbers.map(|number| (number, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?.try_into()?)
}
