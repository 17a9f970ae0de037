//! What is served → the text of nginx's configuration, by `templates/nginx.conf`.

use std::fmt;

use askama::Template;

use super::config::Config;
use super::ir::{Host, Ir, Route, Server, Target, Upstream};
use super::path::quoted;
use super::translate::translate;
use crate::api::View;

/// The configuration. Everything in it that comes from a manifest is an address, a checked name, or quoted.
#[derive(Template)]
#[template(path = "nginx.conf", escape = "none")]
struct Nginx<'a> {
    ir: &'a Ir,
    config: &'a Config,
    /// The server for everything else, which must come first.
    any: &'a Server,
}

/// nginx's configuration for all Ingresses of our class in a view: what golden cases show.
#[must_use]
pub fn configuration(view: &View) -> String {
    render(&translate(view), &Config::default())
}

/// The text of the configuration.
pub fn render(ir: &Ir, config: &Config) -> String {
    let nothing = Server::default();
    let any = ir.servers.get(&Host::Any).unwrap_or(&nothing);
    // Writing to a string can't fail, and the template calls nothing else that could.
    Nginx { ir, config, any }.render().unwrap_or_default()
}

impl Nginx<'_> {
    fn named(&self) -> impl Iterator<Item = (&Host, &Server)> {
        self.ir.servers.iter().filter(|(host, _)| **host != Host::Any)
    }

    /// The locations of a server: what each matches, and where it sends to. Everything not matched is not found.
    fn locations<'a>(&'a self, server: &'a Server) -> Vec<(String, Option<&'a Upstream>)> {
        let mut all = Vec::new();
        for (route, Target { upstream, .. }) in &server.routes {
            let upstream = self.ir.upstreams.contains_key(upstream).then_some(upstream);
            match route {
                Route::Exact(path) => all.push((format!("= {}", quoted(path)), upstream)),
                Route::Prefix(path) => {
                    // Element by element: `/a` matches `/a` and `/a/b` but not `/ab`.
                    if !path.is_empty() && !server.routes.contains_key(&Route::Exact(path.clone())) {
                        all.push((format!("= {}", quoted(path)), upstream));
                    }
                    all.push((quoted(&format!("{path}/")), upstream));
                }
            }
        }
        all
    }
}

/// As nginx's `server_name` takes it. A wildcard stands for one label in Kubernetes, for any number in nginx: so it is
/// a regular expression. <https://nginx.org/en/docs/http/server_names.html>
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("_"),
            Self::Name(name) => f.write_str(name),
            Self::Under(name) => write!(f, "\"~^[^.]+\\.{}$\"", name.replace('.', "\\.")),
        }
    }
}

/// The name of nginx's upstream: neither part can hold a dot.
impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.namespace, self.service, self.port)
    }
}
