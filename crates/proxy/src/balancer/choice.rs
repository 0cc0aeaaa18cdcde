//! Which member it is: the session's, or the best by the balancer's method.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Balancer, Member, Method};

impl Balancer {
    /// If all members are in the error state, none of them stays in it (`force_recovery`).
    pub(super) fn recover(&self, now: Instant) {
        for member in &self.members {
            member.retry(now);
            if !member.in_error() {
                return;
            }
        }
        if self.params.force_recovery {
            for member in &self.members {
                member.state.set_failed(None);
            }
        }
    }

    /// The member of a route, or the one it redirects to (`find_route_worker`); hot standbys come last.
    pub(super) fn by_route(&self, route: &[u8], now: Instant, depth: usize) -> Option<usize> {
        [false, true].into_iter().find_map(|standby| {
            let of_route = |(_, member): &(usize, &Member)| {
                member.params.hot_standby == standby && member.has_route(route)
            };
            self.members.iter().enumerate().filter(of_route).find_map(|(at, member)| {
                member.retry(now);
                if member.is_usable() {
                    return Some(at);
                }
                let redirect = member.params.redirect.as_bytes();
                if redirect.is_empty() || depth >= self.members.len() {
                    return None;
                }
                self.by_route(redirect, now, depth + 1)
            })
        })
    }

    /// A session's member counts in the others' shares as well.
    pub(super) fn count_session(&self, at: usize) {
        let mut total = 0;
        for member in self.members.iter().filter(|member| member.is_usable()) {
            total += member.advance();
        }
        self.members[at].state.standing.fetch_sub(total, Ordering::Relaxed);
    }

    /// The best member of the first set that has one (`proxy_balancer_get_best_worker`).
    pub(super) fn best(&self, now: Instant) -> Option<usize> {
        let sets = self.members.iter().map(|member| member.params.set).max()?;
        (0..=sets).find_map(|set| self.best_of(set, now))
    }

    fn best_of(&self, set: u32, now: Instant) -> Option<usize> {
        let mut contest = Contest { balancer: self, best: None, total: 0 };
        let (mut spares, mut standbys, mut unusable) = (Vec::new(), Vec::new(), 0);
        for (at, member) in self.members.iter().enumerate().filter(|(_, member)| member.params.set == set) {
            let params = &member.params;
            if params.drain {
                unusable += usize::from(!params.hot_spare && !params.hot_standby);
                continue;
            }
            member.retry(now);
            match (params.hot_spare, params.hot_standby, member.is_usable()) {
                (true, _, true) => spares.push(at),
                (false, true, true) => standbys.push(at),
                (false, false, true) => contest.enter(at),
                (false, false, false) => unusable += 1,
                (_, _, false) => {}
            }
        }
        // A spare for each member that is not usable; standbys if there is nobody at all.
        spares.into_iter().take(unusable).for_each(|at| contest.enter(at));
        if contest.best.is_none() {
            standbys.into_iter().for_each(|at| contest.enter(at));
        }
        contest.finish()
    }
}

/// Members compared one after the other; the first of equals wins.
struct Contest<'a> {
    balancer: &'a Balancer,
    best: Option<usize>,
    /// The load factors of all that were compared.
    total: i64,
}

impl Contest<'_> {
    fn enter(&mut self, at: usize) {
        let members = &self.balancer.members;
        let member = &members[at];
        if self.balancer.params.method != Method::ByTraffic {
            self.total += member.advance();
        }
        let better = |best: usize| {
            let best = &members[best];
            match self.balancer.params.method {
                Method::ByRequests => member.standing() > best.standing(),
                Method::ByTraffic => member.traffic() < best.traffic(),
                Method::ByBusyness => {
                    let (busy, least) = (member.state.busy(), best.state.busy());
                    busy < least || (busy == least && member.standing() > best.standing())
                }
            }
        };
        if self.best.is_none_or(better) {
            self.best = Some(at);
        }
    }

    fn finish(self) -> Option<usize> {
        let at = self.best?;
        self.balancer.members[at].state.standing.fetch_sub(self.total, Ordering::Relaxed);
        Some(at)
    }
}

impl Member {
    /// Adds its load factor to its standing; the factor.
    fn advance(&self) -> i64 {
        let factor = i64::from(self.params.load_factor);
        self.state.standing.fetch_add(factor, Ordering::Relaxed);
        factor
    }

    fn standing(&self) -> i64 {
        self.state.standing.load(Ordering::Relaxed)
    }

    /// Bytes by load factor.
    fn traffic(&self) -> u64 {
        let factor = u64::from(self.params.load_factor.max(1));
        let (sent, received) = self.state.traffic();
        sent / factor + received / factor
    }
}
