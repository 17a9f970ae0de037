//! How a configuration gets into nginx: tested first, then made the good one, then loaded. One step at a time.
//!
//! The ConfigMap holds the good configuration under `nginx.conf`, with which nginx starts at any time. A new one comes
//! beside it as `HASH.conf`; as soon as the kubelet has brought it into the pod, `nginx -t` can test it. One that passes
//! becomes `nginx.conf`, and the marker `HASH.live` comes with it. The kubelet swaps all files at once, so where the
//! marker is, that `nginx.conf` is too: `nginx -s reload -c HASH.live` fails until then, and reloads from then on.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};

use super::config::Config;
use super::ir::{Ir, Trouble};
use super::objects::{CONTAINER, GOOD, NAME};
use super::render::render;
use super::translate::translate;
use crate::api::names::{SYSTEM_NAMESPACE, digest};
use crate::api::{Object, View};

/// All that `nginx -s` reads of a configuration.
const MARKER: &str = "pid /run/nginx.pid;\nevents {}\n";

/// The configuration that the Ingresses ask for.
pub struct Wanted {
    /// Its meaning.
    pub ir: Ir,
    /// Its text.
    pub text: String,
    /// The hash of the text.
    pub hash: String,
}

impl Wanted {
    /// What a view asks for.
    pub fn of(view: &View, config: &Config) -> Self {
        let ir = translate(view);
        let text = render(&ir, config);
        let hash = digest(text.as_bytes(), 10);
        Self { ir, text, hash }
    }
}

/// What is known of nginx that the API does not say. Forgetting it costs a test and a reload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The hash that passed its test last.
    pub passed: String,
    /// The hash that failed its test last, and nginx's words.
    pub rejected: Option<(String, String)>,
    /// The container that was last told to reload, and the hash.
    pub live: Option<(String, String)>,
    /// What was told about the Ingresses already.
    pub told: Vec<Trouble>,
}

impl Progress {
    /// nginx's words about this hash, if it failed its test.
    pub fn rejection(&self, hash: &str) -> Option<&str> {
        self.rejected.as_ref().filter(|(h, _)| h == hash).map(|(_, words)| words.as_str())
    }
}

/// What to run in nginx's container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Nothing,
    /// `nginx -t` with the candidate.
    Test,
    /// `nginx -s reload`, as seen from this container.
    Reload(String),
}

/// What to run now.
pub fn next(view: &View, wanted: &Wanted, progress: &Progress) -> Next {
    let map = view.get::<ConfigMap>(SYSTEM_NAMESPACE, NAME).and_then(|m| m.data.as_ref());
    let (Some(container), Some(files)) = (running(view), map) else { return Next::Nothing };
    let hash = &wanted.hash;
    if files.get(GOOD) == Some(&wanted.text) {
        let live = progress.live.as_ref().is_some_and(|(c, h)| *c == container && h == hash);
        return if live || !files.contains_key(&marker(hash)) { Next::Nothing } else { Next::Reload(container) };
    }
    let known = progress.passed == *hash || progress.rejection(hash).is_some();
    if !known && files.contains_key(&candidate(hash)) { Next::Test } else { Next::Nothing }
}

/// Whether nginx runs with the configuration.
pub fn is_live(view: &View, wanted: &Wanted, progress: &Progress) -> bool {
    progress.live.as_ref().is_some_and(|(c, h)| *h == wanted.hash && running(view).as_ref() == Some(c))
}

/// Whether nginx has still to take or to refuse the configuration. It is let finish that, whatever the Ingresses ask for
/// meanwhile: where they change faster than nginx can be asked, it would never get a new one otherwise.
pub fn is_under_way(view: &View, wanted: &Wanted, progress: &Progress) -> bool {
    let answered = is_live(view, wanted, progress) || progress.rejection(&wanted.hash).is_some();
    running(view).is_some() && !answered
}

/// What the ConfigMap should hold, given what it holds.
pub fn files(now: Option<&BTreeMap<String, String>>, wanted: &Wanted, progress: &Progress) -> BTreeMap<String, String> {
    let (hash, text) = (&wanted.hash, &wanted.text);
    let good = now.and_then(|n| n.get(GOOD));
    if good == Some(text) || progress.passed == *hash {
        return BTreeMap::from([(GOOD.to_owned(), text.clone()), (marker(hash), MARKER.to_owned())]);
    }
    let markers =
        now.into_iter().flatten().filter(|(key, _)| key.rsplit_once('.').is_some_and(|(_, end)| end == "live"));
    let mut files: BTreeMap<_, _> = markers.map(|(key, text)| (key.clone(), text.clone())).collect();
    // What nginx starts with the first time serves nothing yet, and can't be wrong.
    files.insert(GOOD.to_owned(), good.cloned().unwrap_or_else(|| render(&Ir::default(), &Config::default())));
    if progress.rejection(hash).is_none() {
        files.insert(candidate(hash), text.clone());
    }
    files
}

/// The key of a configuration that is to be tested.
pub fn candidate(hash: &str) -> String {
    format!("{hash}.conf")
}

/// The key that comes together with the good configuration of this hash.
pub fn marker(hash: &str) -> String {
    format!("{hash}.live")
}

/// The container of the pod's nginx, if it runs.
pub fn running(view: &View) -> Option<String> {
    let pod = view.get::<Pod>(SYSTEM_NAMESPACE, NAME).filter(|p| !p.is_deleting())?;
    let status = pod.status.as_ref()?.container_statuses.iter().flatten().find(|s| s.name == CONTAINER)?;
    status.state.as_ref()?.running.as_ref()?;
    status.container_id.clone()
}

/// What nginx answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did what it was asked.
    Done,
    /// The kubelet has not brought the files yet, or nginx is just starting.
    NotYet,
    /// It refused, in its words.
    Refused(String),
}

/// Reads nginx's exit code and output.
pub fn verdict(code: i64, output: &str) -> Verdict {
    if code == 0 {
        return Verdict::Done;
    }
    if output.contains("No such file or directory") || output.contains("invalid PID number") {
        return Verdict::NotYet;
    }
    let words = |line: &str| line.split_once("] ").map_or(line, |(_, words)| words).trim().to_owned();
    let line = output.lines().find(|l| l.starts_with("nginx: [emerg]")).or_else(|| output.lines().next());
    Verdict::Refused(line.map(words).unwrap_or_default())
}
