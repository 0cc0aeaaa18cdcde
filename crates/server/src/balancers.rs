//! The balancers of a configuration as the proxy crate has them, and the names by which backends are the same across
//! reloads.

use std::collections::HashMap;
use std::time::Duration;

use wsgate_core::snapshot::{Backend, Balancer as Configured, Snapshot};
use wsgate_directives::modules::proxy::{LbMethod, Status, Worker};
use wsgate_proxy::{Backend as Pool, Balancer, BalancerParams, Member, MemberParams, Method, Sticky};

/// httpd's `PROXY_WORKER_DEFAULT_RETRY`.
const RETRY: Duration = Duration::from_secs(60);

/// The name of each backend, by its number: its URL, with the socket it may have, and the balancer it is a member of.
/// Balancers of different servers may be called alike.
pub(crate) fn names(snapshot: &Snapshot) -> Vec<String> {
    let mut names: Vec<String> = snapshot.backends.iter().map(|backend| own_name(&backend.worker)).collect();
    let mut alike = HashMap::<&str, usize>::new();
    for balancer in &snapshot.balancers {
        let number = alike.entry(&*balancer.name).or_default();
        *number += 1;
        for member in &balancer.members {
            names[member.id] = format!("{}#{number} {}", balancer.name, own_name(&member.worker));
        }
    }
    names
}

fn own_name(worker: &Worker) -> String {
    format!("{}|{}", worker.url.socket.as_deref().unwrap_or_default(), worker.name)
}

/// The balancers, by their numbers, of backends with these pools.
pub(crate) fn build(snapshot: &Snapshot, pools: &[Pool]) -> Vec<Balancer> {
    let member = |backend: &Backend| Member {
        params: member_params(&backend.worker),
        state: pools[backend.id].state.clone(),
    };
    let balancer = |balancer: &Configured| {
        Balancer::new(params(balancer), balancer.members.iter().map(|backend| member(backend)).collect())
    };
    snapshot.balancers.iter().map(|configured| balancer(configured)).collect()
}

fn params(balancer: &Configured) -> BalancerParams {
    let params = &balancer.params;
    let semicolon = params.semicolon_separates.as_ref().is_some_and(|on| **on);
    let separator = params.sticky_separator.as_ref().map_or(Some(b'.'), |separator| **separator);
    BalancerParams {
        method: match params.method.as_ref().map(|method| **method) {
            None | Some(LbMethod::ByRequests) => Method::ByRequests,
            Some(LbMethod::ByTraffic) => Method::ByTraffic,
            Some(LbMethod::ByBusyness) => Method::ByBusyness,
        },
        sticky: params.sticky.as_ref().map(|sticky| Sticky {
            cookie: sticky.cookie.clone(),
            path: sticky.path.clone(),
            separator,
            semicolon,
        }),
        no_failover: params.no_failover.as_ref().is_some_and(|on| **on),
        timeout: params.timeout.as_ref().map(|time| **time),
        max_attempts: params.max_attempts.as_ref().map(|most| **most),
        fail_on_status: params.fail_on_status.iter().map(|status| **status).collect(),
        fail_on_timeout: params.fail_on_timeout.as_ref().is_some_and(|on| **on),
        force_recovery: params.force_recovery.as_ref().is_none_or(|on| **on),
    }
}

fn member_params(worker: &Worker) -> MemberParams {
    let params = &worker.params;
    let status = params.status.as_ref().map_or_else(Status::default, |set| set.value);
    MemberParams {
        load_factor: params.load_factor.as_ref().map_or(100, |factor| **factor),
        set: params.lb_set.as_ref().map_or(0, |set| **set),
        route: params.route.as_ref().map_or_else(Box::default, |route| route.value.clone()),
        redirect: params.redirect.as_ref().map_or_else(Box::default, |route| route.value.clone()),
        retry: params.retry.as_ref().map_or(RETRY, |retry| **retry),
        disabled: status.disabled || status.health_failed,
        stopped: status.stopped,
        ignore_errors: status.ignore_errors,
        hot_standby: status.hot_standby,
        hot_spare: status.hot_spare,
        drain: status.drain,
    }
}
