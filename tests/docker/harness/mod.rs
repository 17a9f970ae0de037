//! What scenarios are written with.
//!
//! A scenario is a `#[test]` in a file for its group, named like a sentence:
//!
//! ```text
//! #[test]
//! fn two_replicas_answer_through_one_service_address() {
//!     let node = Node::up("replicas");                      // waits for its turn; a node of its own, taken down at the end
//!     node.apply(&[&web("web", 2), &client()].join("---\n"));  // must succeed; `try_apply` gives a `Ran` with code and texts
//!     eventually("both answer", SOON, || (…).then_some(()));   // polls; panics with the words when the bound is over
//! }
//! ```
//!
//! - `Node::new(name)` makes nothing yet; `Node::up(name)` brings it up, `node.sibling(name)` is a second node of the same
//!   scenario (two `Node::new` in one test could wait for each other's turns for ever); `Node::on(engine, name)` uses
//!   another engine (a value of `DOCKER_HOST`). [`Engine::start(name)`](Engine) is one for a scenario alone; bind it before its node.
//! - `node.wharf(&[…])` → [`Ran`] (`code`, `out`, `err`; `.ok()` insists on success and gives stdout; `.fails(code)` gives
//!   stderr), `node.wharf_with(&[…], stdin)`, `node.apply(yaml)`, `node.get("deployment web")` → JSON, `node.list("pods -A")`
//!   → its items, `node.wharf_command(&[…])` → a `Command` to run yourself.
//! - `node.docker(&[…])` → stdout, panics when it fails; `node.containers()` → all by label with the node's own,
//!   `node.container(pod, container)`, `node.sandbox(pod)`, `node.own()`.
//! - `node.port()` → a free port of the host, another one each time; `node.http_port`, `node.https_port` are those of ingress.
//! - `get(address, host, path)` → an HTTP answer, asked from the host; `node.get_in_pod(pod, url)` asks from a pod like
//!   `client`; `node.traffic(pod, url)` asks from there all the time, and `.stop()` counts what was answered and what was not.
//! - `certificate(folder, secret, file, host)` → a certificate for a host that is its own authority, and its Secret.
//! - `workloads::{web, client}`: manifests that most scenarios need. (The test image's busybox crashes at `wget -T`; without
//!   `-T` it works, and `curlimages/curl:8.8.0` has curl and a shell. A first process ends at once only if it traps TERM.)
//!
//! A scenario that fails leaves `target/scenario-failures/<name>/`: every command with its output, what Docker and the
//! API knew of everything, and all logs.

mod api;
mod certificate;
mod docker;
mod engine;
mod eventually;
mod http;
mod node;
mod ports;
mod ran;
mod remains;
mod traffic;
mod turn;
pub mod workloads;

pub use certificate::certificate;
pub use docker::Container;
pub use engine::Engine;
pub use eventually::{LATER, SOON, eventually, stays};
pub use http::get;
pub use node::Node;
pub use ran::Ran;
