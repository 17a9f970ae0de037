//! What the ingress needs of the kubelet: to run a program in nginx's container.

use crate::client::Later;

/// The exit code and the output, standard error included.
pub type Output = Result<(i64, String), Box<dyn std::error::Error + Send + Sync>>;

/// Runs programs in containers of pods.
pub trait Exec: Send + Sync {
    /// Runs `command` in a container of a running pod to its end.
    fn exec<'a>(
        &'a self,
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        command: &'a [String],
    ) -> Later<'a, Output>;
}
