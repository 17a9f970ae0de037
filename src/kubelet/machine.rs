//! Reads what the machine is: cores, memory, disk, kernel; and what of it runs short.

use std::path::Path;

/// The Docker host, as far as a container sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Cores.
    pub cores: usize,
    /// Memory in bytes.
    pub memory: i64,
    /// The file system that holds the node's state, and as a rule all of Docker's, in bytes.
    pub disk: i64,
    /// Whether memory, that file system or process ids run short.
    pub short: Short,
    /// The kernel's version.
    pub kernel: String,
    /// An id that changes with each boot.
    pub boot: String,
}

/// What runs short on a machine, at the kubelet's thresholds.
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Short {
    /// Less than 100 MiB of memory are available.
    pub memory: bool,
    /// Less than a tenth of the file system's bytes or a twentieth of its files are available.
    pub disk: bool,
    /// Fewer than 1000 process ids are left: the kubelet itself has no usual threshold.
    pub pids: bool,
}

impl Machine {
    /// Reads the machine from `proc`, which is `/proc` but in tests, and the file system of the node's state. What can't be
    /// read is empty.
    #[must_use]
    pub fn read(proc: &Path, state: &Path) -> Self {
        let text = |path: &str| std::fs::read_to_string(proc.join(path)).unwrap_or_default();
        let line = |path: &str| text(path).trim().to_owned();
        let meminfo = text("meminfo");
        let available = bytes(&meminfo, "MemAvailable:");
        let disk = rustix::fs::statvfs(state).ok();
        let full = |d: &rustix::fs::StatVfs| d.f_bavail < d.f_blocks / 10 || d.f_favail < d.f_files / 20;
        Self {
            cores: text("cpuinfo").lines().filter(|l| l.starts_with("processor")).count().max(1),
            memory: bytes(&meminfo, "MemTotal:").unwrap_or_default(),
            disk: disk.as_ref().and_then(|d| i64::try_from(d.f_blocks * d.f_frsize).ok()).unwrap_or_default(),
            kernel: line("sys/kernel/osrelease"),
            boot: line("sys/kernel/random/boot_id"),
            short: Short {
                memory: available.is_some_and(|bytes| bytes < 100 << 20),
                disk: disk.as_ref().is_some_and(full),
                pids: pids_left(&text("loadavg"), &text("sys/kernel/pid_max")).is_some_and(|left| left < 1000),
            },
        }
    }
}

/// A line of a meminfo file in bytes.
fn bytes(meminfo: &str, name: &str) -> Option<i64> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix(name))?;
    Some(line.trim().trim_end_matches(" kB").parse::<i64>().ok()? * 1024)
}

/// Process ids that are not in use: the fourth word of a loadavg file is `running/all`.
fn pids_left(loadavg: &str, most: &str) -> Option<i64> {
    let (_, used) = loadavg.split_whitespace().nth(3)?.split_once('/')?;
    Some(most.trim().parse::<i64>().ok()? - used.parse::<i64>().ok()?)
}
