//! A web request, and where a redirect leads it. Pure.

use std::fmt;

use url::Url;

/// A web request of the method GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Get {
    /// Whether it is asked over TLS.
    pub scheme: Scheme,
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// With a leading slash, and with the query if there is one.
    pub path: String,
    /// All headers but `Host`, unless that is given.
    pub headers: Vec<(String, String)>,
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    fn name(self) -> &'static str {
        if self == Self::Https { "https" } else { "http" }
    }

    fn port(self) -> u16 {
        if self == Self::Https { 443 } else { 80 }
    }
}

impl Get {
    /// The header `Host`: as it is given, else as clients write it, without the port where it is the scheme's.
    pub fn host_header(&self) -> String {
        let given = self.headers.iter().find(|(name, value)| name.eq_ignore_ascii_case("host") && !value.is_empty());
        match given {
            Some((_, host)) => host.clone(),
            None if self.port == self.scheme.port() => bracketed(&self.host),
            None => format!("{}:{}", bracketed(&self.host), self.port),
        }
    }

    /// The request that a redirect to `location` leads to; `None` if that is to another host, where no probe follows, or
    /// can't be understood. <https://github.com/kubernetes/kubernetes/blob/master/pkg/probe/http/http.go>
    pub fn redirected(&self, location: &str) -> Option<Self> {
        let target = Url::parse(&self.to_string()).ok()?.join(location).ok()?;
        let scheme = match target.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        if !target.host_str()?.eq_ignore_ascii_case(&bracketed(&self.host)) {
            return None;
        }
        let path =
            target.query().map_or_else(|| target.path().to_owned(), |query| format!("{}?{query}", target.path()));
        let (host, port) = (self.host.clone(), target.port_or_known_default()?);
        let mut headers = self.headers.clone();
        // A given name goes with it only where the location names none.
        if Url::parse(location).is_ok() {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
        }
        Some(Self { scheme, host, port, path, headers })
    }
}

/// The address, with its port in any case.
impl fmt::Display for Get {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}://{}:{}{}", self.scheme.name(), bracketed(&self.host), self.port, self.path)
    }
}

/// A host as addresses and headers have it.
fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_followed_on_the_same_host_only() {
        let headers = vec![("Host".to_owned(), "shop.test".to_owned())];
        let path = "/a/b?c".to_owned();
        let get = Get { scheme: Scheme::Http, host: "10.0.0.7".to_owned(), port: 8080, path, headers };
        let led = |location: &str| match get.redirected(location) {
            Some(get) => format!("{location} → {get} as {}", get.host_header()),
            None => format!("{location} → no"),
        };
        let all =
            ["/ok?x=1", "d", "//10.0.0.7/", "https://10.0.0.7/x", "http://10.0.0.7:81", "http://shop.test/", "x:y"];
        insta::assert_snapshot!(all.map(led).join("\n"), @r"
        /ok?x=1 → http://10.0.0.7:8080/ok?x=1 as shop.test
        d → http://10.0.0.7:8080/a/d as shop.test
        //10.0.0.7/ → http://10.0.0.7:80/ as shop.test
        https://10.0.0.7/x → https://10.0.0.7:443/x as 10.0.0.7
        http://10.0.0.7:81 → http://10.0.0.7:81/ as 10.0.0.7:81
        http://shop.test/ → no
        x:y → no
        ");
    }
}
