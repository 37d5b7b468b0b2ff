//! A graphics card, as seen from inside the sandbox: what its driver needs of the machine, and whether it was taken.

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{AccessFs, BitFlags};

/// The way to a graphics card a program was built with. Others (Vulkan, Metal) wait for whom they can be built and tried by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// NVIDIA's own.
    Cuda,
}

/// What drivers read: how the machine is built, themselves, and which of them there are. Nothing in these is of a patient, and
/// of `/proc` only the process's own folder and what is said of the machine: the folders of other processes hold secrets.
const READ: [&str; 13] = [
    "/etc/ld.so.cache",
    "/lib",
    "/lib64",
    "/proc/cpuinfo",
    "/proc/devices",
    "/proc/driver/nvidia",
    "/proc/meminfo",
    "/proc/modules",
    "/proc/self",
    "/sys",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
];

/// What their files in `/dev` begin with.
const DEVICES: [&str; 1] = ["nvidia"];

impl Card {
    /// As it is known to who bought the machine.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "CUDA",
        }
    }

    /// The files its driver needs that are there, and what it does with them.
    pub(crate) fn files() -> Vec<(PathBuf, BitFlags<AccessFs>)> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let spoken_to = read | AccessFs::WriteFile | AccessFs::IoctlDev;
        let reads = READ.iter().map(PathBuf::from).chain(loaded_from("libcuda."));
        reads.map(|path| (path, read)).chain(devices().into_iter().map(|path| (path, spoken_to))).collect()
    }

    /// Whether this process speaks to a card: its driver keeps the file of it open.
    #[must_use]
    pub fn is_taken() -> bool {
        let Ok(open) = fs::read_dir("/proc/self/fd") else { return false };
        open.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| is_device(&target)))
    }
}

fn devices() -> Vec<PathBuf> {
    let Ok(all) = fs::read_dir("/dev") else { return Vec::new() };
    all.flatten().map(|entry| entry.path()).filter(|path| is_device(path)).collect()
}

fn is_device(path: &Path) -> bool {
    let name = path.strip_prefix("/dev").ok().and_then(|rest| rest.to_str());
    name.is_some_and(|name| DEVICES.iter().any(|begins| name.starts_with(begins)))
}

/// The folder a library of this process was loaded from, for the parts of it that are loaded later. Drivers are not always among
/// the libraries of the system.
fn loaded_from(begins: &str) -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let mut files = maps.lines().filter_map(|line| line.find('/').map(|at| Path::new(&line[at..])));
    let of_it = |file: &&Path| {
        file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(begins))
    };
    files.find(of_it).and_then(Path::parent).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_of_cards_are_devices() {
        for path in ["/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-caps/nvidia-cap2"] {
            assert!(is_device(Path::new(path)), "{path}");
        }
        for path in ["/dev", "/dev/sda", "/dev/mem", "/dev/shm/nvidia", "/srv/dev/nvidia0", "nvidia0"] {
            assert!(!is_device(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn the_folder_of_a_loaded_library_is_found() {
        let folder = loaded_from("libc.").expect("every program here loads the library of C");
        assert!(folder.is_absolute() && folder.is_dir(), "{folder:?}");
        assert_eq!(loaded_from("libnobody-has-this."), None);
    }

    #[test]
    fn no_card_is_taken_by_who_asks_for_none() {
        assert!(!Card::is_taken());
    }
}
