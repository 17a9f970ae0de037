//! The meaning of all Ingresses together, as plain data without a trace of nginx.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::api::Key;

/// Everything that is served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ir {
    /// What is served under each host; under [`Host::Any`] what no other host takes.
    pub servers: BTreeMap<Host, Server>,
    /// The ready endpoints of each port of a Service that has some.
    pub upstreams: BTreeMap<Upstream, Vec<SocketAddr>>,
    /// The files of certificates and keys, by name.
    pub certificates: BTreeMap<String, Vec<u8>>,
    /// What is wrong with an Ingress.
    pub problems: Vec<Trouble>,
}

/// Which requests a server is for. Exact names come first, then wildcards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// All that have no other server.
    Any,
    /// One name.
    Name(String),
    /// Names with exactly one label before this.
    Under(String),
}

/// What is served under one host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    /// The certificate's name, without `.pem` or `.key`; plain HTTP only without it.
    pub certificate: Option<String>,
    /// Targets by what they match.
    pub routes: BTreeMap<Route, Target>,
}

impl Server {
    /// Whether there is a target for every path.
    pub fn answers_everything(&self) -> bool {
        self.routes.contains_key(&Route::Prefix(String::new()))
    }
}

/// Which paths a location is for. The longest prefix wins, and an exact path over every prefix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// This path alone.
    Exact(String),
    /// This path and all below it, element by element; without a slash at its end, so empty for everything.
    Prefix(String),
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The port of a Service.
    pub upstream: Upstream,
    /// The Ingress that says so.
    pub by: Key,
}

/// One port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Upstream {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service's name.
    pub service: String,
    /// The port's number, or its name as written.
    pub port: String,
}

/// Something wrong with one Ingress, to be told as an event on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The Ingress.
    pub ingress: Key,
    /// One word in CamelCase.
    pub reason: &'static str,
    /// The message for people.
    pub message: String,
}
