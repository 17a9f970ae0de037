//! How long a program takes that is run in a container.

use std::time::Instant;

use bollard::Docker;
use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use futures_util::StreamExt;
use wharf::docker::{Engine, Host};
use wharf::kubelet::exec;

use crate::harness::Node;
use crate::harness::workloads::client;
use crate::{told, wait};

const ROUNDS: usize = 100;

pub fn run() {
    let node = Node::up("bench-execs");
    node.apply(&client());
    let id = node.container("client", "client").unwrap().id;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    wait(async {
        let docker = Docker::connect_with_defaults().unwrap();
        let engine = Engine::new(&Host::connect().await.unwrap(), &node.name, "");
        for _ in 0..ROUNDS {
            let began = Instant::now();
            assert_eq!(exec::run(&engine, &id, &["true".to_owned()], &[]).await.unwrap().code, Some(0));
            ours.push(began.elapsed());
            let began = Instant::now();
            by_docker(&docker, &id).await;
            bare.push(began.elapsed());
        }
    });
    let ((ours, a), (bare, b)) = (told(ours), told(bare));
    println!(
        "  an exec probe    {a}\n  the bare engine  {b}: wharf takes {:.2} of it",
        ours.as_secs_f64() / bare.as_secs_f64()
    );
}

/// As `docker exec` does it: create, start, read to the end, ask for the code.
async fn by_docker(docker: &Docker, container: &str) {
    let config = ExecConfig {
        cmd: Some(vec!["true".to_owned()]),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..ExecConfig::default()
    };
    let exec = docker.create_exec(container, config).await.unwrap().id;
    let started = docker.start_exec(&exec, None::<StartExecOptions>).await.unwrap();
    let StartExecResults::Attached { mut output, .. } = started else { panic!("detached") };
    while output.next().await.is_some() {}
    while docker.inspect_exec(&exec).await.unwrap().exit_code.is_none() {}
}
