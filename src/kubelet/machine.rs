//! Reads what the machine is: cores, memory, kernel.

use std::path::Path;

/// The Docker host, as far as a container sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Cores.
    pub cores: usize,
    /// Memory in bytes.
    pub memory: i64,
    /// The kernel's version.
    pub kernel: String,
    /// An id that changes with each boot.
    pub boot: String,
}

impl Machine {
    /// Reads the machine from `proc`, which is `/proc` but in tests. What can't be read is empty.
    #[must_use]
    pub fn read(proc: &Path) -> Self {
        let text = |path: &str| std::fs::read_to_string(proc.join(path)).unwrap_or_default();
        let line = |path: &str| text(path).trim().to_owned();
        Self {
            cores: text("cpuinfo").lines().filter(|l| l.starts_with("processor")).count().max(1),
            memory: memory(&text("meminfo")),
            kernel: line("sys/kernel/osrelease"),
            boot: line("sys/kernel/random/boot_id"),
        }
    }
}

/// `MemTotal` of a meminfo file in bytes.
fn memory(meminfo: &str) -> i64 {
    let total = meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:"));
    total.and_then(|t| t.trim().trim_end_matches(" kB").parse::<i64>().ok()).unwrap_or_default() * 1024
}
