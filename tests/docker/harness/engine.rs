//! A Docker engine of one scenario alone, in a network of its own, so that it can be stopped, killed and cut from power.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Ran, eventually};

/// A bound for a start of dockerd, which waits for containerd and brings back networks.
const START: Duration = Duration::from_secs(60);

/// An engine of one scenario alone; it and all that runs in it end when this is dropped.
pub struct Engine {
    name: String,
    /// Images and volumes.
    data: PathBuf,
    /// The socket and what a boot of the machine begins without. wharf takes sockets under `/run` for the engine's own.
    run: PathBuf,
    dockerd: Option<Child>,
}

impl Engine {
    /// An engine that answers and has nothing yet.
    #[track_caller]
    pub fn start(what: &str) -> Self {
        let name = format!("t-{}-{what}", std::process::id());
        let (data, run) = (std::env::temp_dir().join(&name), Path::new("/run").join(&name));
        let mut engine = Self { name, data, run, dockerd: None };
        engine.boot();
        engine
    }

    /// For `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.run.join("docker.sock").display())
    }

    /// Copies images of the machine's engine into this one.
    #[track_caller]
    pub fn load(&self, images: &[&str]) {
        let mut save = Command::new("docker").arg("save").args(images).stdout(Stdio::piped()).spawn().unwrap();
        let saved = save.stdout.take().unwrap();
        let load = self.docker(&["load", "-q"]).stdin(saved).output().unwrap();
        assert!(save.wait().unwrap().success() && load.status.success(), "can't copy {images:?}");
    }

    /// A request from this engine's network to an address of it: the body, once there is a good one within a second.
    pub fn curl(&self, url: &str) -> Option<String> {
        let ran = Ran::of(self.inside("curl").args(["-sf", "-m", "1", url]), "");
        (ran.code == 0).then_some(ran.out)
    }

    /// Has dockerd end as `systemctl restart docker` does, and starts it again.
    #[track_caller]
    pub fn restart(&mut self) {
        self.end("-TERM");
        self.start_dockerd();
    }

    /// Kills dockerd, and starts it again.
    #[track_caller]
    pub fn kill_and_start(&mut self) {
        self.end("-KILL");
        // Its containerd dies with it, a moment later, and dockerd goes by a pid that may be that of a dead process.
        let containerd = || self.processes("containerd/containerd.toml").is_empty();
        eventually("containerd ends with dockerd", START, || containerd().then_some(()));
        let _ = fs::remove_file(self.run.join("exec/containerd/containerd.pid"));
        self.start_dockerd();
    }

    /// The machine loses power and boots again: no process, network, mount or file under `/run` survives.
    #[track_caller]
    pub fn cut_power(&mut self) {
        self.end_all();
        self.boot();
    }

    fn boot(&mut self) {
        fs::create_dir_all(&self.run).unwrap();
        fs::create_dir_all(&self.data).unwrap();
        must(Command::new("ip").args(["netns", "add", &self.name]));
        must(Command::new("ip").args(["-n", &self.name, "link", "set", "lo", "up"]));
        self.start_dockerd();
    }

    fn start_dockerd(&mut self) {
        let config = self.run.join("daemon.json");
        fs::write(&config, "{}").unwrap();
        let log = File::options().create(true).append(true).open(self.data.join("dockerd.log")).unwrap();
        let mut command = self.inside("dockerd");
        command.arg("--config-file").arg(config).arg("--data-root").arg(self.data.join("docker"));
        command.arg("--exec-root").arg(self.run.join("exec")).arg("--pidfile").arg(self.run.join("pid"));
        command.args(["-H", &self.host()]);
        let driver = Ran::of(Command::new("docker").args(["info", "-f", "{{.Driver}}"]), "").out;
        // What works for the machine's engine works for one beside it.
        if ["overlay2", "fuse-overlayfs", "vfs"].contains(&driver.trim()) {
            command.args(["--storage-driver", driver.trim()]);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.dockerd = Some(command.spawn().unwrap());
        eventually("the scenario's own dockerd answers", START, || {
            self.docker(&["version"]).output().unwrap().status.success().then_some(())
        });
    }

    /// `docker` for this engine.
    fn docker(&self, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.env("DOCKER_HOST", self.host()).args(args);
        command
    }

    /// A program in the engine's network, and with all else of the machine.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name)).arg(program);
        command
    }

    /// Sends dockerd a signal and waits for its end.
    fn end(&mut self, signal: &str) {
        if let Some(mut dockerd) = self.dockerd.take() {
            must(Command::new("kill").args([signal, &dockerd.id().to_string()]));
            dockerd.wait().unwrap();
        }
    }

    /// Kills dockerd and all that it started, and takes away what they made outside the data.
    fn end_all(&mut self) {
        let told = self.docker(&["ps", "-q"]).output().unwrap().stdout;
        let ids = String::from_utf8_lossy(&told).into_owned();
        let pids = |id| Ran::of(&mut self.docker(&["inspect", "-f", "{{.State.Pid}}", id]), "").out;
        let containers: Vec<String> = ids.lines().map(|id| pids(id).trim().to_owned()).collect();
        self.end("-KILL");
        // Shims and containerd name the folder in their command lines.
        for pid in containers
            .iter()
            .map(String::as_str)
            .filter(|pid| *pid != "0")
            .chain(self.processes("").iter().map(|p| &**p))
        {
            let _ = Command::new("kill").args(["-KILL", pid]).stderr(Stdio::null()).status();
        }
        eventually("all processes of the scenario's engine end", START, || self.processes("").is_empty().then_some(()));
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let ours = |at: &&str| Path::new(at).starts_with(&self.run) || Path::new(at).starts_with(&self.data);
        for at in mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)).filter(ours) {
            let _ = Command::new("umount").args(["-l", at]).status();
        }
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
        let _ = fs::remove_dir_all(&self.run);
    }

    /// Processes that have this engine's folder in their command lines, and these words.
    fn processes(&self, words: &str) -> Vec<String> {
        let folder = format!("{}/", self.run.display());
        let of_run = |pid: &String| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            line.contains(&folder) && line.contains(words)
        };
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        all.filter(|name| name.bytes().all(|b| b.is_ascii_digit())).filter(of_run).collect()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.data.join("dockerd.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().rev().take(40).collect();
            println!("the end of dockerd's log:\n{}", lines.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        self.end_all();
        let _ = fs::remove_dir_all(&self.data);
    }
}

#[track_caller]
fn must(command: &mut Command) {
    Ran::of(command, "").ok();
}
