//! Picks a member of a balancer for a request, and decides after a failure whether another one is tried.
//!
//! httpd's arithmetic to the number (`mod_proxy_balancer.c`, `mod_lbmethod_*.c`). Time comes in as a parameter.
//!
//! ```text
//! let mut attempts = Attempts::default();
//! let picked = loop {
//!     let picked = balancer.pick(asked, now)?;          // Busy: ask again within balancer.params.timeout
//!     match send(picked.member).await {
//!         Err(e) if balancer.fails_over(&picked, status, &mut attempts, now) => continue,
//!         ...
//!     }
//! };
//! balancer.settle(&picked, status, timed_out, now);
//! ```

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::state::{BackendState, lock};
use crate::sticky::{Session, Sticky};

mod choice;
#[cfg(test)]
mod tests;

/// `lbmethod=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By the number of requests.
    #[default]
    ByRequests,
    /// By the number of bytes.
    ByTraffic,
    /// By the number of requests under way.
    ByBusyness,
}

/// A balancer as it is configured. [`Default`] has httpd's defaults.
#[derive(Clone, Debug)]
pub struct BalancerParams {
    /// `lbmethod=`.
    pub method: Method,
    /// `stickysession=`.
    pub sticky: Option<Sticky>,
    /// `nofailover=`.
    pub no_failover: bool,
    /// `timeout=`: how long a usable member is waited for; not at all where not set.
    pub timeout: Option<Duration>,
    /// `maxattempts=`; one less than there are members where not set.
    pub max_attempts: Option<u32>,
    /// `failonstatus=`.
    pub fail_on_status: Vec<u16>,
    /// `failontimeout=`.
    pub fail_on_timeout: bool,
    /// `forcerecovery=`.
    pub force_recovery: bool,
}

impl Default for BalancerParams {
    fn default() -> Self {
        Self {
            method: Method::ByRequests,
            sticky: None,
            no_failover: false,
            timeout: None,
            max_attempts: None,
            fail_on_status: Vec::new(),
            fail_on_timeout: false,
            force_recovery: true,
        }
    }
}

/// A member as it is configured. [`Default`] has httpd's defaults.
#[derive(Clone, Debug)]
pub struct MemberParams {
    /// `loadfactor=` in hundredths.
    pub load_factor: u32,
    /// `lbset=`.
    pub set: u32,
    /// `route=`; empty: none.
    pub route: Box<str>,
    /// `redirect=`; empty: none.
    pub redirect: Box<str>,
    /// `retry=`.
    pub retry: Duration,
    /// `status=+D`, or `+C`, or in shutdown: not used.
    pub disabled: bool,
    /// `status=+S`: not used, and not tried again.
    pub stopped: bool,
    /// `status=+I`: never put into the error state.
    pub ignore_errors: bool,
    /// `status=+H`.
    pub hot_standby: bool,
    /// `status=+R`.
    pub hot_spare: bool,
    /// `status=+N`.
    pub drain: bool,
}

impl Default for MemberParams {
    fn default() -> Self {
        Self {
            load_factor: 100,
            set: 0,
            route: "".into(),
            redirect: "".into(),
            retry: Duration::from_secs(60),
            disabled: false,
            stopped: false,
            ignore_errors: false,
            hot_standby: false,
            hot_spare: false,
            drain: false,
        }
    }
}

/// A member of a balancer: how it is configured, and what is counted of it.
#[derive(Clone, Debug)]
pub struct Member {
    /// How it is configured.
    pub params: MemberParams,
    /// What is counted of it.
    pub state: Arc<BackendState>,
}

/// A balancer.
#[derive(Debug)]
pub struct Balancer {
    /// How it is configured.
    pub params: BalancerParams,
    members: Vec<Member>,
    /// Held while members are compared, so that the numbers of one pick do not mix with those of another.
    picking: Mutex<()>,
}

/// What of a request sticky sessions look at.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Path and query.
    pub target: &'a [u8],
    /// The Cookie field.
    pub cookies: Option<&'a [u8]>,
}

/// The member that gets a request. It counts as busy for as long as this lives.
#[derive(Debug)]
pub struct Picked {
    /// Its index among the members.
    pub member: usize,
    /// `BALANCER_ROUTE_CHANGED`.
    pub route_changed: bool,
    _busy: Busy,
}

/// Why no member gets a request. Both are a 503.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpicked {
    /// No member is usable now; [`BalancerParams::timeout`] says how long to ask again, a hundredth of it apart.
    Busy,
    /// The session's member is not usable, and no other may take over (`nofailover=`).
    Session,
}

/// How many further members one request has been given to.
#[derive(Debug, Default)]
pub struct Attempts(u32);

impl Balancer {
    /// A balancer of these members, in this order.
    #[must_use]
    pub fn new(params: BalancerParams, members: Vec<Member>) -> Self {
        Self { params, members, picking: Mutex::new(()) }
    }

    /// Its members.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The session that a request names: `BALANCER_SESSION_STICKY` and `BALANCER_SESSION_ROUTE`.
    #[must_use]
    pub fn session<'a>(&'a self, asked: Asked<'a>) -> Option<Session<'a>> {
        self.params.sticky.as_ref()?.session(asked.target, asked.cookies)
    }

    /// Picks a member (`proxy_balancer_pre_request`).
    ///
    /// # Errors
    /// No member may take the request.
    pub fn pick(&self, asked: Asked<'_>, now: Instant) -> Result<Picked, Unpicked> {
        let _alone = lock(&self.picking);
        self.recover(now);
        let route = self.session(asked).map(|session| session.route);
        if let Some(route) = route.filter(|route| !route.is_empty())
            && let Some(at) = self.by_route(route, now, 1)
        {
            self.count_session(at);
            return Ok(self.picked(at, self.members[at].params.route.as_bytes() != route));
        }
        if self.params.no_failover
            && route.is_some_and(|route| self.members.iter().any(|member| member.has_route(route)))
        {
            return Err(Unpicked::Session);
        }
        let at = self.best(now).ok_or(Unpicked::Busy)?;
        Ok(self.picked(at, self.params.sticky.is_some()))
    }

    fn picked(&self, at: usize, route_changed: bool) -> Picked {
        let state = &self.members[at].state;
        state.elected.fetch_add(1, Ordering::Relaxed);
        state.busy.fetch_add(1, Ordering::Relaxed);
        Picked { member: at, route_changed, _busy: Busy(Arc::clone(state)) }
    }

    /// A member failed before it answered, with this status for the client: whether another member is to be tried
    /// (`proxy_handler`).
    pub fn fails_over(&self, picked: &Picked, status: u16, attempts: &mut Attempts, now: Instant) -> bool {
        let member = &self.members[picked.member];
        if matches!(status, 500 | 503) {
            member.fail(now);
        }
        let most = self
            .params
            .max_attempts
            .unwrap_or_else(|| u32::try_from(self.members.len()).unwrap_or(u32::MAX).saturating_sub(1));
        let again = status == 503 && !member.is_usable() && most > attempts.0;
        attempts.0 += 1;
        again
    }

    /// A request is over, with this status for the client: whether the member failed by it (`failonstatus=`,
    /// `failontimeout=`; `proxy_balancer_post_request`).
    pub fn settle(&self, picked: &Picked, status: u16, timed_out: bool, now: Instant) {
        let params = &self.params;
        if params.fail_on_status.contains(&status) || (params.fail_on_timeout && timed_out) {
            self.members[picked.member].fail(now);
        }
    }
}

impl Member {
    /// Whether it takes requests (`PROXY_WORKER_IS_USABLE`).
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.params.disabled && !self.params.stopped && !self.in_error()
    }

    /// Whether it is in the error state.
    #[must_use]
    pub fn in_error(&self) -> bool {
        self.state.failed_at().is_some()
    }

    fn has_route(&self, route: &[u8]) -> bool {
        !self.params.route.is_empty() && self.params.route.as_bytes() == route
    }

    fn fail(&self, now: Instant) {
        if !self.params.ignore_errors {
            self.state.set_failed(Some(now));
        }
    }

    /// Leaves the error state if its time is over (`ap_proxy_retry_worker`).
    fn retry(&self, now: Instant) {
        let Some(failed) = self.state.failed_at() else { return };
        let over = self.params.ignore_errors
            || self.params.retry.is_zero()
            || now.saturating_duration_since(failed) > self.params.retry;
        if over && !self.params.stopped {
            self.state.set_failed(None);
        }
    }
}

/// A request is under way.
#[derive(Debug)]
struct Busy(Arc<BackendState>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}
