use super::*;

/// A balancer to be changed, with one letter for each member.
struct Ring {
    balancer: Balancer,
    now: Instant,
}

fn ring(members: &[MemberParams]) -> Ring {
    with(BalancerParams::default(), members)
}

fn with(params: BalancerParams, members: &[MemberParams]) -> Ring {
    let backends = crate::state::Backends::default();
    let members = members
        .iter()
        .enumerate()
        .map(|(at, params)| Member { params: params.clone(), state: backends.state(&at.to_string(), None) });
    Ring { balancer: Balancer::new(params, members.collect()), now: Instant::now() }
}

fn plain() -> MemberParams {
    MemberParams::default()
}

fn routed(route: &str) -> MemberParams {
    MemberParams { route: route.into(), ..plain() }
}

fn sticky() -> BalancerParams {
    let sticky = Sticky { cookie: "SID".into(), path: "SID".into(), separator: Some(b'.'), semicolon: false };
    BalancerParams { sticky: Some(sticky), ..BalancerParams::default() }
}

impl Ring {
    fn try_pick(&self, cookie: &str) -> Result<Picked, Unpicked> {
        self.balancer.pick(Asked { target: b"/x", cookies: Some(cookie.as_bytes()) }, self.now)
    }

    fn pick(&self, cookie: &str) -> String {
        self.try_pick(cookie).map_or_else(
            |why| format!("{why:?}"),
            |picked| {
                let changed = if picked.route_changed { "*" } else { "" };
                format!("{}{changed}", picked.member + 1)
            },
        )
    }

    fn picks(&self, times: usize) -> String {
        (0..times).map(|_| self.pick("")).collect()
    }

    fn fail(&self, member: usize) {
        self.balancer.members[member - 1].fail(self.now);
    }

    /// Who gets a request if the given members cannot be reached, and who is tried on the way.
    fn request(&self, dead: &[usize]) -> String {
        let mut attempts = Attempts::default();
        let mut tried = String::new();
        loop {
            let picked = match self.try_pick("") {
                Ok(picked) => picked,
                Err(why) => return format!("{tried}{why:?}"),
            };
            tried += &(picked.member + 1).to_string();
            if !dead.contains(&(picked.member + 1)) {
                return tried + "!";
            }
            if !self.balancer.fails_over(&picked, 503, &mut attempts, self.now) {
                return tried;
            }
        }
    }

    fn later(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }
}

#[test]
fn by_requests() {
    assert_eq!(ring(&[plain(), plain()]).picks(8), "12121212");
    let heavy = MemberParams { load_factor: 300, ..plain() };
    assert_eq!(ring(&[heavy, plain()]).picks(12), "112111211121");
    let half = MemberParams { load_factor: 150, ..plain() };
    assert_eq!(ring(&[half, plain()]).picks(10), "1212112121");
    assert_eq!(ring(&[]).pick(""), "Busy");
}

#[test]
fn by_busyness() {
    let params = BalancerParams { method: Method::ByBusyness, ..BalancerParams::default() };
    let ring = with(params, &[plain(), plain(), plain()]);
    assert_eq!(ring.picks(6), "123123");
    let held = [ring.try_pick("").unwrap(), ring.try_pick("").unwrap()];
    assert_eq!(ring.picks(2), "33");
    assert_eq!(ring.balancer.members[0].state.busy(), 1);
    drop(held);
    assert_eq!(ring.balancer.members[0].state.busy(), 0);
}

#[test]
fn by_traffic() {
    let params = BalancerParams { method: Method::ByTraffic, ..BalancerParams::default() };
    let heavy = MemberParams { load_factor: 300, ..plain() };
    let ring = with(params, &[plain(), plain(), heavy]);
    let mut order = String::new();
    for _ in 0..8 {
        let picked = ring.try_pick("").unwrap();
        order += &(picked.member + 1).to_string();
        let bytes = [5000, 500, 900][picked.member];
        ring.balancer.members[picked.member].state.count_traffic(100, bytes);
    }
    assert_eq!(order, "12332332");
}

#[test]
fn states() {
    let of = |change: fn(&mut MemberParams)| {
        let mut params = plain();
        change(&mut params);
        params
    };
    let disabled = of(|p| p.disabled = true);
    let stopped = of(|p| p.stopped = true);
    let standby = of(|p| p.hot_standby = true);
    let spare = of(|p| p.hot_spare = true);
    let drain = of(|p| p.drain = true);
    let second = of(|p| p.set = 1);
    assert_eq!(ring(&[disabled.clone(), plain()]).picks(3), "222");
    assert_eq!(ring(&[stopped, plain()]).picks(3), "222");
    assert_eq!(ring(&[standby.clone(), plain()]).picks(3), "222");
    assert_eq!(ring(&[standby.clone(), disabled.clone()]).picks(3), "111");
    assert_eq!(ring(&[spare.clone(), plain()]).picks(3), "222");
    assert_eq!(ring(&[spare.clone(), plain(), disabled.clone()]).picks(4), "2121");
    assert_eq!(ring(&[spare.clone(), drain.clone()]).picks(2), "11");
    assert_eq!(ring(&[spare, standby]).picks(2), "22");
    assert_eq!(ring(&[drain, plain()]).picks(3), "222");
    assert_eq!(ring(&[second.clone(), plain()]).picks(3), "222");
    assert_eq!(ring(&[second.clone(), disabled]).picks(3), "111");
    let ring = ring(&[second, plain()]);
    ring.fail(2);
    assert_eq!(ring.picks(2), "11");
}

#[test]
fn failover() {
    let two = ring(&[plain(), plain()]);
    assert_eq!(two.request(&[1]), "12!");
    assert_eq!((two.request(&[1]), two.request(&[1])), ("2!".into(), "2!".into()));
    // All failed: all may be tried again; the second has the better standing.
    assert_eq!(two.request(&[1, 2]), "22");
    assert_eq!(ring(&[plain()]).request(&[1]), "1");
    let params = BalancerParams { max_attempts: Some(1), ..BalancerParams::default() };
    assert_eq!(with(params, &[plain(), plain(), plain()]).request(&[1, 2]), "12");
    let three = ring(&[plain(), plain(), plain()]);
    assert_eq!(three.request(&[1, 2]), "123!");
    let ignoring = MemberParams { ignore_errors: true, ..plain() };
    let ring = ring(&[ignoring, plain()]);
    assert_eq!(ring.request(&[1]), "1");
    assert_eq!(ring.picks(2), "21");
}

#[test]
fn only_unreachable_members_fail_over() {
    let two = ring(&[plain(), plain()]);
    for (status, in_error) in [(502, false), (504, false), (400, false), (500, true)] {
        let picked = two.try_pick("").unwrap();
        assert!(!two.balancer.fails_over(&picked, status, &mut Attempts::default(), two.now), "{status}");
        assert_eq!(two.balancer.members[picked.member].in_error(), in_error, "{status}");
    }
}

#[test]
fn retry() {
    let mut two = ring(&[plain(), plain()]);
    two.fail(1);
    assert_eq!(two.picks(3), "222");
    two.later(60);
    assert_eq!(two.picks(1), "2");
    two.later(1);
    assert!(two.picks(3).contains('1'));
    let now = ring(&[MemberParams { retry: Duration::ZERO, ..plain() }, plain()]);
    now.fail(1);
    assert_eq!(now.picks(2), "12");
    let stopped = MemberParams { stopped: true, retry: Duration::ZERO, ..plain() };
    let stays = ring(&[stopped, plain()]);
    stays.fail(1);
    stays.picks(1);
    assert!(stays.balancer.members[0].in_error());
}

#[test]
fn recovery() {
    let kept = BalancerParams { force_recovery: false, ..BalancerParams::default() };
    for (params, expected) in [(BalancerParams::default(), "12"), (kept, "BusyBusy")] {
        let ring = with(params, &[plain(), plain()]);
        ring.fail(1);
        ring.fail(2);
        assert_eq!(ring.picks(2), expected);
    }
    // A disabled member is not in error: nothing is forced.
    let ring = ring(&[plain(), MemberParams { disabled: true, ..plain() }]);
    ring.fail(1);
    assert_eq!(ring.picks(1), "Busy");
}

#[test]
fn settled() {
    let params = BalancerParams { fail_on_status: vec![500, 503], ..BalancerParams::default() };
    let on_timeout = BalancerParams { fail_on_timeout: true, ..BalancerParams::default() };
    for (params, status, timed_out, failed) in [
        (params.clone(), 503, false, true),
        (params.clone(), 502, true, false),
        (params, 200, false, false),
        (on_timeout.clone(), 502, true, true),
        (on_timeout, 502, false, false),
    ] {
        let ring = with(params, &[plain(), plain()]);
        let picked = ring.try_pick("").unwrap();
        ring.balancer.settle(&picked, status, timed_out, ring.now);
        assert_eq!(ring.balancer.members[0].in_error(), failed, "{status} {timed_out}");
    }
}

#[test]
fn sessions() {
    let ring = with(sticky(), &[routed("r1"), routed("r2")]);
    for (cookie, expected) in [
        ("SID=abc.r2", "2"),
        ("SID=abc.r2", "2"),
        ("a=b; SID=zz.r1", "1"),
        ("SID=abc.r1", "1"),
        ("SID=abc.r9", "1*"),
        ("SID=abc.r9", "2*"),
        ("SID=r2", "1*"),
        ("", "2*"),
    ] {
        assert_eq!(ring.pick(cookie), expected, "{cookie}");
    }
    // A session counts in the shares.
    ring.pick("SID=a.r1");
    assert_eq!(ring.picks(3), "2*1*2*");
}

#[test]
fn sessions_of_unusable_members() {
    let ring = with(sticky(), &[routed("r1"), routed("r2")]);
    ring.fail(2);
    assert_eq!(ring.pick("SID=a.r2"), "1*");
    let stuck = BalancerParams { no_failover: true, ..sticky() };
    let ring = with(stuck, &[routed("r1"), routed("r2")]);
    ring.fail(2);
    assert_eq!(ring.pick("SID=a.r2"), "Session");
    assert_eq!(ring.pick("SID=a.r3"), "1*");
    // A drained member serves its own sessions only.
    let ring = with(sticky(), &[routed("r1"), MemberParams { drain: true, ..routed("r2") }]);
    assert_eq!(ring.pick("SID=a.r2"), "2");
    assert_eq!(ring.pick(""), "1*");
    // Redirects are followed, but not in circles.
    let moved = MemberParams { disabled: true, redirect: "r2".into(), ..routed("r1") };
    let back = MemberParams { redirect: "r1".into(), ..routed("r2") };
    let ring = with(sticky(), &[moved, back, routed("r3")]);
    assert_eq!(ring.pick("SID=a.r1"), "2*");
    ring.fail(2);
    assert_eq!(ring.pick("SID=a.r1"), "3*");
    // A standby of the same route comes after the member itself.
    let ring = with(sticky(), &[MemberParams { hot_standby: true, ..routed("r1") }, routed("r1"), plain()]);
    assert_eq!(ring.pick("SID=a.r1"), "2");
    ring.fail(2);
    assert_eq!(ring.pick("SID=a.r1"), "1");
}

#[test]
fn counted() {
    let ring = ring(&[plain(), plain()]);
    ring.picks(5);
    let elected: Vec<u64> = ring.balancer.members().iter().map(|member| member.state.elected()).collect();
    assert_eq!(elected, [3, 2]);
}
