//! A request for a balancer: a member is picked, and where it cannot be reached the next one.

use std::sync::Arc;
use std::time::Instant;

use wsgate_core::plan::Plan;
use wsgate_core::reply::Reply;
use wsgate_core::request::Request;
use wsgate_core::snapshot::Balancer as Configured;
use wsgate_proxy::{Asked, Attempts, Balancer, Picked, Unpicked};

use super::forward::Upload;
use super::{Attempt, Exchange, Outcome};

/// In how many steps a usable member is waited for (`find_best_worker`).
const STEPS: u32 = 100;

impl Exchange {
    /// Passes a request to a member (`proxy_handler`'s loop).
    pub(super) async fn balance(
        &self,
        request: &mut Request,
        plan: &Plan,
        configured: &Configured,
        body: &mut Upload,
    ) -> Result<Outcome, Reply> {
        let balancer = &self.generation.balancers[configured.id];
        let mut attempts = Attempts::default();
        loop {
            let Some(picked) = pick(balancer, request, plan).await else {
                // The plan has the answer for where there is nobody.
                plan.leg(request, None)?;
                return Err(wsgate_core::reply::Status::SERVICE_UNAVAILABLE.into());
            };
            let picked = Arc::new(picked);
            let member = &configured.members[picked.member];
            tell(request, plan, balancer, (configured, &picked));
            let leg = plan.leg(request, Some(member))?;
            let attempt = Attempt { picked: Some(&picked), ..Attempt::new(self, plan, &leg, Some(member)) };
            let outcome = attempt.run(request, body).await;
            if attempt.unasked.get() {
                // There is nothing to hold against the member, whatever `failonstatus=` says.
                return attempt.conclude(request, outcome);
            }
            let now = Instant::now();
            let answered = attempt.answered.get();
            if let (Err(reply), None) = (&outcome, answered) {
                let again = balancer.fails_over(&picked, reply.status.0, &mut attempts, now);
                if again && !body.is_spent() {
                    continue;
                }
            }
            let failed = outcome.as_ref().err().map(|reply| reply.status.0);
            if let Some(status) = answered.or(failed) {
                balancer.settle(&picked, status, attempt.timed_out.get(), now);
            }
            return attempt.conclude(request, outcome);
        }
    }
}

/// Picks a member, and waits for one if the balancer is to (`timeout=`).
async fn pick(balancer: &Balancer, request: &Request, plan: &Plan) -> Option<Picked> {
    let asked = asked(request, plan);
    match (balancer.pick(asked, Instant::now()), balancer.params.timeout) {
        (Ok(picked), _) => Some(picked),
        (Err(Unpicked::Session), _) | (Err(Unpicked::Busy), None) => None,
        (Err(Unpicked::Busy), Some(timeout)) => {
            for _ in 0..STEPS {
                tokio::time::sleep(timeout / STEPS).await;
                if let Ok(picked) = balancer.pick(asked, Instant::now()) {
                    return Some(picked);
                }
            }
            None
        }
    }
}

fn asked<'a>(request: &'a Request, plan: &'a Plan) -> Asked<'a> {
    Asked { target: &plan.uri, cookies: request.head.headers.get("Cookie").map(|value| &value[..]) }
}

/// The variables that a balancer sets (`proxy_balancer_pre_request`).
fn tell(
    request: &mut Request,
    plan: &Plan,
    balancer: &Balancer,
    (configured, picked): (&Configured, &Picked),
) {
    let session = balancer
        .session(asked(request, plan))
        .map(|session| (session.name.to_owned(), bytes::Bytes::copy_from_slice(session.route)));
    let worker = &configured.members[picked.member].worker;
    let route = &balancer.members()[picked.member].params.route;
    let env = &mut request.env;
    if picked.route_changed {
        env.set("BALANCER_ROUTE_CHANGED", "1");
    }
    env.set("BALANCER_NAME", configured.name.to_string());
    env.set("BALANCER_WORKER_NAME", worker.name.to_string());
    env.set("BALANCER_WORKER_ROUTE", route.to_string());
    if let Some((name, route)) = session {
        env.set("BALANCER_SESSION_STICKY", name);
        env.set("BALANCER_SESSION_ROUTE", route);
    }
}
