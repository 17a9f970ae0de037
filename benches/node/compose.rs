//! Docker Compose, for comparison: `WHARF_COMPOSE` names the program.

use std::path::PathBuf;
use std::process::Command;

use crate::harness::Ran;

/// A project of Compose's; it is taken down when this is dropped.
pub struct Compose {
    program: PathBuf,
    name: String,
    file: PathBuf,
}

impl Compose {
    /// A project of this file; `None` where there is no Compose.
    pub fn new(name: &str, services: &str) -> Option<Self> {
        let program = PathBuf::from(std::env::var_os("WHARF_COMPOSE")?);
        let name = format!("{name}-{}", std::process::id());
        let file = std::env::temp_dir().join(format!("{name}.yaml"));
        std::fs::write(&file, services).unwrap();
        Some(Self { program, name, file })
    }

    /// `docker compose` with arguments.
    pub fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(&self.program);
        let ran = Ran::of(command.args(["-p", &self.name, "-f"]).arg(&self.file).args(args), "");
        assert_eq!(ran.code, 0, "{ran}");
        ran
    }
}

impl Drop for Compose {
    fn drop(&mut self) {
        self.run(&["down", "-t", "0"]);
        let _ = std::fs::remove_file(&self.file);
    }
}
