//! wharf runs genuine Kubernetes manifests on a plain Docker host.
//!
//! # Bird's-eye view
//!
//! `wharf apply -f app.yaml` reads files ([`manifest`]), brings up a *node* on the Docker host ([`docker`]) and writes
//! the objects to that node's API ([`client`] → [`apiserver`] → [`store`]). In the node an [`agent`] watches the store
//! and makes it true: [`controllers`] turn Deployments into pods, the [`scheduler`] binds them, the [`kubelet`] turns
//! them into containers, [`proxy`], [`dns`] and [`ingress`] make them reachable.
//!
//! # The one rule
//!
//! Every component is the same five verbs: **observe** (select from a [`api::View`]) → **plan** or **translate**
//! (decide) → **render** (to text) → **apply** (effect), driven by **run** (the only loop). All before `apply` are pure:
//! values in, values out. Time, names and probe results are arguments. The kubelet's observe has to ask Docker; it is the
//! one exception.
//!
//! # Who may import whom
//!
//! `tests/tidy.rs` reads this table and holds the code to it.
//!
//! ```text
//! api         =
//! programs    = kubelet
//! manifest    = api
//! store       = api
//! apiserver   = api store
//! client      = api apiserver
//! controllers = api client
//! scheduler   = api client
//! kubelet     = api client
//! docker      = api kubelet
//! programs    = kubelet
//! proxy       = api client
//! dns         = api client
//! ingress     = api client
//! agent       = api store apiserver client controllers scheduler kubelet docker proxy dns ingress
//! cli         = api manifest client docker agent programs
//! ```
//!
//! # Invariants
//!
//! - Nobody but `apiserver` uses `store`: a controller's write takes the same path as kubectl's. (`agent` opens it.)
//! - Nobody but `cli` and `programs` prints, nobody but `main` exits, nobody but `docker` names bollard.
//! - Kinds are data ([`api::KINDS`]), verbs are code.

pub mod agent;
pub mod api;
pub mod apiserver;
pub mod cli;
pub mod client;
pub mod controllers;
pub mod dns;
pub mod docker;
pub mod ingress;
pub mod kubelet;
pub mod manifest;
pub mod programs;
pub mod proxy;
pub mod scheduler;
pub mod store;
