//! Asks the engine what it has, once for all who ask at the same time.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::observe::{Pods, by_pod};
use super::runtime::{Error, Runtime};

type Answer = Result<Arc<Pods>, Arc<Error>>;

/// Answers what the engine has. A hundred pods that ask at once cost one list, and nobody gets an answer that is older
/// than the question.
#[derive(Clone)]
pub struct Observer {
    questions: mpsc::UnboundedSender<oneshot::Sender<Answer>>,
    known: watch::Receiver<Arc<Pods>>,
}

impl Observer {
    /// An observer that lives as long as its clones.
    pub fn start(runtime: Arc<dyn Runtime>) -> Self {
        let (questions, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<Answer>>();
        let (learned, known) = watch::channel(Arc::default());
        tokio::spawn(async move {
            while let Some(first) = asked.recv().await {
                let mut wave = vec![first];
                while let Ok(next) = asked.try_recv() {
                    wave.push(next);
                }
                let answer = runtime.containers().await.map(|all| Arc::new(by_pod(all))).map_err(Arc::new);
                if let Ok(pods) = &answer {
                    learned.send_replace(pods.clone());
                }
                for asker in wave {
                    // Who no longer waits for the answer is no concern of ours.
                    let _ = asker.send(answer.clone());
                }
            }
        });
        Self { questions, known }
    }

    /// What the engine had when somebody asked last, at no cost: each change of a container makes somebody ask.
    #[must_use]
    pub fn known(&self) -> Arc<Pods> {
        self.known.borrow().clone()
    }

    /// What the engine has now.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn now(&self) -> Answer {
        let (asker, answer) = oneshot::channel();
        let ended = || Arc::new(Error::Refused("the observer has ended".to_owned()));
        self.questions.send(asker).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}
