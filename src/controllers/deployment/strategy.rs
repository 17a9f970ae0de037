//! What a Deployment's spec allows: how many pods at most, how many available ones at least.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy>

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::controllers::amount;

/// The bounds of a rollout, in pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many pods there shall be.
    pub replicas: i32,
    /// How many more there may be.
    pub surge: i32,
    /// How many of `replicas` may be unavailable.
    pub unavailable: i32,
}

impl Bounds {
    /// The bounds of a Deployment. Percentages of surge are rounded up, those of unavailability down; if both come out as
    /// none, one may be unavailable, or nothing would ever move.
    pub fn of(deployment: &Deployment) -> Self {
        let replicas = spec(deployment).and_then(|s| s.replicas).unwrap_or(1);
        if is_recreate(deployment) {
            return Self { replicas, surge: 0, unavailable: replicas };
        }
        let rolling = spec(deployment).and_then(|s| s.strategy.as_ref()?.rolling_update.as_ref());
        let default = IntOrString::String("25%".to_owned());
        let surge = rolling.and_then(|r| r.max_surge.as_ref()).unwrap_or(&default);
        let unavailable = rolling.and_then(|r| r.max_unavailable.as_ref()).unwrap_or(&default);
        let (surge, unavailable) = (amount::ceil(surge, replicas), amount::floor(unavailable, replicas));
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
        Self { replicas, surge, unavailable: unavailable.min(replicas) }
    }

    /// The most pods that there may be.
    pub fn most(self) -> i32 {
        self.replicas.saturating_add(self.surge)
    }

    /// The fewest that must be available.
    pub fn least(self) -> i32 {
        self.replicas - self.unavailable
    }
}

/// Whether the old pods must be gone before new ones are made.
pub fn is_recreate(deployment: &Deployment) -> bool {
    spec(deployment).and_then(|s| s.strategy.as_ref()?.type_.as_deref()) == Some("Recreate")
}

/// Whether changes of the template wait.
pub fn is_paused(deployment: &Deployment) -> bool {
    spec(deployment).and_then(|s| s.paused) == Some(true)
}

fn spec(deployment: &Deployment) -> Option<&DeploymentSpec> {
    deployment.spec.as_ref()
}
