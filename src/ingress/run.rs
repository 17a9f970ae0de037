//! The loop: looks when something changed, writes what the plan says, and talks to nginx.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod, Secret, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, IngressClass};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::config::Config;
use super::exec::Exec;
use super::objects::{CONTAINER, NAME, nginx};
use super::plan;
use super::reload::{Next, Progress, Verdict, Wanted, candidate, is_under_way, marker, next, verdict};
use crate::api::names::SYSTEM_NAMESPACE;
use crate::api::{Key, Kind, Timestamp, View};
use crate::client::{self, Client, Informer};

/// The source of the events.
const COMPONENT: &str = "ingress";
/// Changes that come together are looked at together.
const GATHER: Duration = Duration::from_millis(5);
/// The pause after nginx did not see its files yet; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often files may be missing before that is nginx's answer: about a minute.
const PATIENCE: u32 = 60;
/// How long after a reload the workers of the old configuration take requests: nginx gives the new ones 100 ms to start.
/// <https://github.com/nginx/nginx/blob/master/src/os/unix/ngx_process_cycle.c>
const SETTLED: Duration = Duration::from_millis(200);

/// The kinds that the loop's informer must follow.
#[must_use]
pub fn kinds() -> Vec<&'static Kind> {
    vec![
        Kind::of::<Ingress>(),
        Kind::of::<IngressClass>(),
        Kind::of::<Service>(),
        Kind::of::<EndpointSlice>(),
        Kind::of::<Secret>(),
        Kind::of::<ConfigMap>(),
        Kind::of::<Pod>(),
        Kind::of::<Event>(),
    ]
}

/// Keeps nginx at what the Ingresses say, until it is dropped or the informer ends. `followed` shows the newest view that
/// nginx goes by.
pub async fn run(
    client: Client,
    informer: Informer,
    exec: Arc<dyn Exec>,
    config: Config,
    followed: watch::Sender<Arc<View>>,
) {
    let mut changes = informer.changes();
    let mut nginx = Nginx { exec, progress: Progress::default(), waiting: 0, asked: None };
    loop {
        let pause = round(&client, &informer, &config, &mut nginx, &followed).await;
        let goes_on = match pause {
            // A pause that ran out is no end.
            Some(pause) => timeout(pause, changed(&mut changes)).await.unwrap_or(true),
            None => changed(&mut changes).await,
        };
        if !goes_on {
            return;
        }
        sleep(GATHER).await;
        while changes.try_recv().is_ok() {}
    }
}

/// Waits for a change that concerns us; false when there will be none any more.
async fn changed(changes: &mut mpsc::UnboundedReceiver<Key>) -> bool {
    while let Some(key) = changes.recv().await {
        if concerns(&key) {
            return true;
        }
    }
    false
}

/// Pods, events and config maps matter only where nginx runs: it follows the rest of the pods by their endpoints.
fn concerns(key: &Key) -> bool {
    let of_nginx = [Kind::of::<Pod>(), Kind::of::<Event>(), Kind::of::<ConfigMap>()];
    !of_nginx.contains(&key.kind) || key.namespace == SYSTEM_NAMESPACE
}

/// One look; returns how long to wait for a change before the next one, if there is more to do in any case.
async fn round(
    client: &Client,
    informer: &Informer,
    config: &Config,
    nginx: &mut Nginx,
    followed: &watch::Sender<Arc<View>>,
) -> Option<Duration> {
    let view = informer.view();
    let under_way = nginx.asked.take().filter(|asked| is_under_way(&view, &asked.wanted, &nginx.progress));
    let asked = under_way.unwrap_or_else(|| Asked { wanted: Wanted::of(&view, config), shown: view.clone() });
    let wanted = &asked.wanted;
    let plan = plan::plan(&view, config, wanted, &nginx.progress);
    nginx.progress.told = plan::troubles(&view, wanted, &nginx.progress);
    if !plan.steps.is_empty() {
        let outcome = client::apply(client, COMPONENT, &plan, Timestamp::now()).await;
        if let Some(error) = outcome.error {
            tracing::warn!(error, "the ingress could not be written");
            return Some(LONGEST_PAUSE);
        }
        informer.caught_up(outcome.written).await;
    }
    let view = informer.view();
    let pause = nginx.step(&view, wanted).await;
    // Nobody is to wait for what nginx refuses, or for nginx where it does not run.
    if !is_under_way(&view, wanted, &nginx.progress) {
        followed.send_replace(asked.shown.clone());
    }
    nginx.asked = Some(asked);
    pause
}

/// What nginx is asked for.
struct Asked {
    wanted: Wanted,
    /// The view that asks for it.
    shown: Arc<View>,
}

/// nginx's side: how to reach it, and what is known of it.
struct Nginx {
    exec: Arc<dyn Exec>,
    progress: Progress,
    /// How often it did not see its files yet.
    waiting: u32,
    /// What it was asked for last.
    asked: Option<Asked>,
}

impl Nginx {
    /// Runs what is next; returns the pause before another try, zero where the plan has to go on.
    async fn step(&mut self, view: &View, wanted: &Wanted) -> Option<Duration> {
        let hash = &wanted.hash;
        let next = next(view, wanted, &self.progress);
        let command = match &next {
            Next::Nothing => return None,
            Next::Test => nginx(&candidate(hash), &["-t", "-q"]),
            Next::Reload(_) => nginx(&marker(hash), &["-s", "reload"]),
        };
        let answer = match self.exec.exec(SYSTEM_NAMESPACE, NAME, CONTAINER, &command).await {
            Ok((code, output)) => verdict(code, &output),
            Err(error) => {
                tracing::debug!(error, "nginx could not be asked");
                Verdict::NotYet
            }
        };
        if matches!((&next, &answer), (Next::Reload(_), Verdict::Done)) {
            sleep(SETTLED).await;
        }
        self.note(next, hash, answer)
    }

    fn note(&mut self, next: Next, hash: &str, answer: Verdict) -> Option<Duration> {
        let answer = match answer {
            Verdict::NotYet if next == Next::Test && self.waiting >= PATIENCE => {
                Verdict::Refused("the files of the configuration do not reach the pod".to_owned())
            }
            answer => answer,
        };
        match (next, answer) {
            (Next::Nothing, _) => return None,
            (_, Verdict::NotYet) => {
                let pause = FIRST_PAUSE * 2_u32.pow(self.waiting.min(8));
                self.waiting += 1;
                return Some(pause.min(LONGEST_PAUSE));
            }
            (Next::Test, Verdict::Done) => hash.clone_into(&mut self.progress.passed),
            (Next::Test, Verdict::Refused(words)) => {
                tracing::warn!(hash, words, "nginx refuses a configuration");
                self.progress.rejected = Some((hash.to_owned(), words));
            }
            (Next::Reload(container), Verdict::Done) => {
                tracing::info!(hash, "nginx reloads");
                self.progress.live = Some((container, hash.to_owned()));
            }
            (Next::Reload(_), Verdict::Refused(words)) => {
                tracing::warn!(hash, words, "nginx does not reload");
                return Some(LONGEST_PAUSE);
            }
        }
        self.waiting = 0;
        Some(Duration::ZERO)
    }
}
