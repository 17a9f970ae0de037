//! install.sh as a user runs it: from a folder of releases, over an old binary, and back out again.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of this file is a test, and tells what it measured")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A folder with a release in it and one to install into; both go away with it.
struct Place {
    root: PathBuf,
}

impl Place {
    fn new(what: &str) -> Self {
        let root = std::env::temp_dir().join(format!("wharf-install-{}-{what}", std::process::id()));
        fs::create_dir_all(root.join("bin")).unwrap();
        let place = Self { root };
        let release = place.release();
        fs::create_dir_all(release.parent().unwrap()).unwrap();
        fs::copy(wharf(), &release).unwrap();
        let sum = Command::new("sha256sum").arg(&release).output().unwrap().stdout;
        fs::write(release.with_added_extension("sha256"), sum).unwrap();
        place
    }

    fn release(&self) -> PathBuf {
        let name = format!("wharf-{VERSION}-linux-{}", std::env::consts::ARCH);
        self.root.join("releases").join(format!("v{VERSION}")).join(name)
    }

    fn bin(&self) -> PathBuf {
        self.root.join("bin/wharf")
    }

    /// install.sh with these arguments and this place's folders.
    fn install(&self, args: &[&str]) -> Output {
        let mut command = Command::new("sh");
        command.arg(SCRIPT).args(args).arg("--to").arg(self.root.join("bin"));
        command.env("WHARF_RELEASES", self.root.join("releases")).output().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn wharf() -> PathBuf {
    std::env::var_os("WHARF_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_wharf")), PathBuf::from)
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", err(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_release_is_installed_and_removed_again() {
    let place = Place::new("release");
    let told = out(&place.install(&["--version", VERSION]));
    assert!(told.contains(&format!("in {}", place.root.join("bin").display())), "{told}");
    assert!(told.contains("is not in PATH"), "{told}");
    assert_eq!(mode(&place.bin()), 0o755);
    let version = Command::new(place.bin()).args(["version", "--client"]).output().unwrap();
    assert!(out(&version).contains(VERSION));
    assert_eq!(fs::read_dir(place.root.join("bin")).unwrap().count(), 1, "nothing else is left there");

    let told = out(&place.install(&["--uninstall"]));
    assert!(told.starts_with("removed ") && !place.bin().exists(), "{told}");
}

#[test]
fn a_release_that_is_not_what_its_checksum_says_is_refused() {
    let place = Place::new("checksum");
    fs::write(place.bin(), "the old one").unwrap();
    let mut bytes = fs::read(place.release()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(place.release(), bytes).unwrap();
    let refused = place.install(&["--version", VERSION]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("the checksum of wharf-") && err(&refused).contains("does not match"));
    assert_eq!(fs::read(place.bin()).unwrap(), b"the old one");
}

#[test]
fn a_wharf_that_runs_goes_on_while_it_is_replaced() {
    let place = Place::new("upgrade");
    out(&place.install(&["--version", VERSION]));
    // It waits for a SIGTERM, as in a sandbox.
    let mut running = Command::new(place.bin()).arg("pause").stdout(Stdio::null()).spawn().unwrap();
    let told = place.install(&["--version", VERSION]);
    let on = running.try_wait().unwrap().is_none();
    running.kill().unwrap();
    running.wait().unwrap();
    out(&told);
    assert!(on, "it ended");
}

#[test]
fn what_cannot_be_done_is_said() {
    let place = Place::new("wrong");
    for (args, words) in [
        (&["--version", "9.9.9"][..], "can't fetch"),
        (&["--frobnicate"], "unknown option --frobnicate"),
        (&["--version", VERSION, "--to", "/proc/nowhere"], "can't make"),
    ] {
        // The last --to wins, so the place's own is left out where the arguments have one.
        let told = if args.contains(&"--to") {
            let releases = place.root.join("releases");
            Command::new("sh").arg(SCRIPT).args(args).env("WHARF_RELEASES", releases).output().unwrap()
        } else {
            place.install(args)
        };
        assert_eq!(told.status.code(), Some(1), "{}", err(&told));
        assert!(err(&told).contains(&format!("install.sh: {words}")), "{}", err(&told));
    }
    assert!(!place.bin().exists());
}

/// The checkout is built by a cargo that only says that it did: a real build takes minutes, and `tests/run.sh` has made one.
#[test]
fn a_checkout_is_built_and_installed() {
    let place = Place::new("source");
    let (tools, target) = (place.root.join("tools"), place.root.join("target"));
    let host = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let host = String::from_utf8(host).unwrap();
    let triple = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let built = target.join(triple).join("release");
    fs::create_dir_all(&tools).unwrap();
    fs::create_dir_all(&built).unwrap();
    fs::copy(wharf(), built.join("wharf")).unwrap();
    let cargo = tools.join("cargo");
    fs::write(&cargo, "#!/bin/sh\necho \"$PWD: $*\" >\"$CARGO_TARGET_DIR/asked\"\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args([SCRIPT, "--from-source", "--to"]).arg(place.root.join("bin"));
    out(&command.env("PATH", path).env("CARGO_TARGET_DIR", &target).output().unwrap());
    let asked = fs::read_to_string(target.join("asked")).unwrap();
    assert_eq!(asked, format!("{}: build --release --locked\n", env!("CARGO_MANIFEST_DIR")));
    assert!(place.bin().exists());
}

#[test]
fn scripts_are_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scripts = ["install.sh", ".ci/run", "tests/run.sh", "tests/images/build.sh"].map(|name| root.join(name));
    let entries = fs::read_dir(root.join("tests/images/rootfs/usr/local/bin")).unwrap();
    let all: Vec<PathBuf> = scripts.into_iter().chain(entries.map(|e| e.unwrap().path())).collect();
    let checked = Command::new("shellcheck").args(&all).output();
    let checked = checked.expect("shellcheck is installed; tests/run.sh sees to that");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// Measured where there is a release binary: the debug one is many times as large.
#[test]
fn the_release_binary_is_static_and_small() {
    let Some(bin) = std::env::var_os("WHARF_BIN") else { return };
    let size = fs::metadata(&bin).unwrap().len();
    println!("the binary has {size} bytes");
    assert!(size <= 15_000_000, "{size} bytes");
    let program = Command::new("readelf").arg("-l").arg(&bin).output().unwrap();
    assert!(!String::from_utf8_lossy(&program.stdout).contains("INTERP"), "it asks for a loader");
}
