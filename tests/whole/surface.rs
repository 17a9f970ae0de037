//! The command line's surface: help pages, completion, versions, usage errors, and what needs a Docker host that is not there.

use std::fmt::Write as _;

use crate::node::{finish, wharf};

const COMMANDS: &str = "apply diff delete get describe logs exec rollout scale set wait events label annotate create env explain top up status down version completion";

/// Commands of commands.
const BELOW: [&str; 15] = [
    "rollout status",
    "rollout history",
    "rollout undo",
    "rollout restart",
    "rollout pause",
    "rollout resume",
    "set image",
    "set env",
    "set resources",
    "top pods",
    "top nodes",
    "create configmap",
    "create secret generic",
    "create secret tls",
    "create secret docker-registry",
];

#[tokio::test]
async fn help_pages() {
    let mut pages = finish(wharf("--help")).await.exits(0).out;
    for command in COMMANDS.split_whitespace().chain(BELOW) {
        let page = finish(wharf(&format!("{command} --help"))).await.exits(0).out;
        write!(pages, "\n$ wharf {command} --help\n{page}").unwrap();
    }
    for hidden in ["agent", "supervise", "dial-stdio"] {
        assert!(!pages.contains(&format!("  {hidden}")), "{hidden} is no command for people");
    }
    insta::assert_snapshot!(pages);
}

#[tokio::test]
async fn completion_for_every_shell() {
    for (shell, sign) in [("bash", "complete -F _wharf"), ("zsh", "#compdef wharf"), ("fish", "complete -c wharf")] {
        let script = finish(wharf(&format!("completion {shell}"))).await.exits(0).out;
        assert!(script.contains(sign), "{shell}");
        for command in COMMANDS.split_whitespace() {
            assert!(script.contains(command), "{command} in {shell}");
        }
    }
}

#[tokio::test]
async fn the_version_needs_no_node() {
    let wanted = format!("wharf {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(finish(wharf("version --client")).await.exits(0).out, wanted);
    assert_eq!(finish(wharf("--version")).await.exits(0).out, wanted);
}

#[tokio::test]
async fn a_wrong_command_line_exits_2() {
    for arguments in [
        "",
        "frobnicate",
        "apply --frob",
        "apply",
        "apply -f a.yaml --timeout soon",
        "get",
        "get pods -o xml",
        "exec web",
        "scale deployment/web",
        "scale deployment/web --replicas -1",
        "rollout",
        "rollout frob deployment/web",
        "create secret tls t",
        "wait pod/web",
        "apply -f a.yaml --prune-claims",
        "apply -f a.yaml --rollback --wait=false",
        "apply -f a.yaml --dry-run=perhaps",
        "completion tcsh",
        "up --subnet 10.0.0.0/8",
        "up --http-port 99999",
        "up --node Bad_Name",
    ] {
        let mut command = wharf(arguments);
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        let done = finish(command).await;
        assert_eq!(done.code, 2, "wharf {arguments}:\n{}{}", done.out, done.err);
        assert!(!done.err.is_empty() && done.out.is_empty(), "wharf {arguments}:\n{}{}", done.out, done.err);
    }
}

#[tokio::test]
async fn a_docker_host_that_does_not_answer_is_named() {
    let file = std::env::temp_dir().join(format!("wharf-surface-{}.yaml", std::process::id()));
    std::fs::write(&file, crate::node::config("a")).unwrap();
    let apply = format!("apply -f {}", file.display());
    for arguments in [&apply, "get pods", "up", "status", "down", "version", "logs web", "exec web -- sh", "env web"] {
        let mut command = wharf(arguments);
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        let done = finish(command).await.exits(3);
        assert!(done.err.contains("unix:///nowhere/docker.sock"), "{arguments}: {}", done.err);
        assert!(done.err.contains("hint: "), "{arguments}: {}", done.err);
    }
    std::fs::remove_file(&file).unwrap();
}
