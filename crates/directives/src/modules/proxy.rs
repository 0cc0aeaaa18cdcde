//! mod_proxy: which requests go to which backend, and how.
//!
//! As in httpd, workers and balancers come into being while the lines are read: the first line that names a
//! backend makes its worker, later lines share it.

use std::net::IpAddr;
use std::time::Duration;

use crate::config::{Merge, Set, Setting};
use crate::interpret::Problem;
use crate::merge_fields;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::values::{atoi, buffer_size, one_of};

mod balancers;
mod params;
mod pass;
mod reverse;
mod section;
mod simple;
mod url;
mod workers;

pub use balancers::{Balancer, BalancerParams, LbMethod, StickySession};
pub use params::{Status, WorkerParams};
pub use pass::{From, Mapping, ProxyPass, To};
pub use reverse::Reverse;
pub use simple::{BadHeader, ErrorOverride, Via};
pub use url::{WorkerUrl, default_port, without_socket};
pub use workers::{Worker, WorkerMatch, find_worker};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy",
    identifier: "proxy_module",
    file: "mod_proxy.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: ROWS,
};

/// ProxyPass and ProxyPassReverse stand in servers and Locations (NOT_IN_DIRECTORY|NOT_IN_FILES, not in Limit or If).
const PASS: Contexts = Contexts::SERVER.or(Contexts::LOCATION).or(Contexts::PROXY);

const FORWARD: &str = "wsgate is no forward proxy; run one behind its own listener";

const ROWS: &[Row] = &[
    Row::supported(
        "<Proxy>",
        Contexts::SERVER,
        Shape::Block(section::proxy),
        "Settings for backend URLs, and parameters of a worker or balancer",
    ),
    Row::supported(
        "<ProxyMatch>",
        Contexts::SERVER,
        Shape::Block(section::proxy_match),
        "Settings for backend URLs that match a regular expression",
    ),
    Row::no_effect(
        "BalancerGrowth",
        Contexts::SERVER,
        Arity::Checked(|arg| match atoi(arg.as_bytes()) {
            0..=1000 => Ok(()),
            _ => Err(Problem::at(arg, "BalancerGrowth must be between 0 and 1000")),
        }),
        "balancers are changed by a reload, not by a balancer manager",
    ),
    Row::supported(
        "BalancerInherit",
        Contexts::SERVER,
        Shape::Flag(simple::balancer_inherit),
        "Whether a virtual host has the main server's workers and balancers",
    ),
    Row::supported(
        "BalancerMember",
        Contexts::CONFIG,
        Shape::Raw(balancers::member),
        "Adds a backend to a balancer",
    ),
    Row::no_effect(
        "BalancerPersist",
        Contexts::SERVER,
        Arity::Flag,
        "balancers are changed by a reload, not by a balancer manager",
    ),
    Row::no_effect(
        "NoProxy",
        Contexts::SERVER,
        Arity::Many,
        "concerns ProxyRemote, which wsgate does not use",
    ),
    Row::supported(
        "Proxy100Continue",
        Contexts::CONFIG,
        Shape::Flag(simple::forward_100_continue),
        "Whether Expect: 100-continue is left to the backend (On) or answered here (Off)",
    ),
    Row::supported(
        "ProxyAddHeaders",
        Contexts::CONFIG,
        Shape::Flag(simple::add_headers),
        "Whether X-Forwarded-For, -Host and -Server are sent to backends",
    ),
    Row::supported(
        "ProxyBadHeader",
        Contexts::SERVER,
        Shape::Take1(simple::bad_header),
        "What a malformed header line of a backend leads to",
    ),
    Row::refused(
        "ProxyBlock",
        Contexts::SERVER,
        Arity::Many,
        "use <Proxy> with Require all denied for a backend",
    ),
    Row::no_effect(
        "ProxyDomain",
        Contexts::SERVER,
        Arity::Checked(|arg| match arg.as_bytes() {
            [b'.', ..] => Ok(()),
            _ => Err(Problem::at(arg, "a domain of ProxyDomain begins with a dot")),
        }),
        "concerns forward proxies only",
    ),
    Row::supported(
        "ProxyErrorOverride",
        Contexts::CONFIG,
        Shape::Iterate(simple::error_override),
        "Whether a backend's error answers are replaced by ErrorDocument; On, Off, or On with statuses",
    ),
    Row::no_effect(
        "ProxyIOBufferSize",
        Contexts::SERVER,
        Arity::Checked(buffer_size),
        "wsgate sizes its buffers by what a connection carries",
    ),
    Row::supported(
        "ProxyMaxForwards",
        Contexts::SERVER,
        Shape::Take1(simple::max_forwards),
        "The Max-Forwards that requests without one get; negative: none",
    ),
    Row::supported(
        "ProxyPass",
        PASS,
        Shape::Raw(pass::plain),
        "Maps a path to a backend, or excludes it with !",
    ),
    Row::supported(
        "ProxyPassInherit",
        Contexts::SERVER,
        Shape::Flag(simple::pass_inherit),
        "Accepted; as in httpd 2.4.71 the main server's ProxyPass lines hold in virtual hosts either way",
    ),
    Row::supported(
        "ProxyPassInterpolateEnv",
        Contexts::CONFIG,
        Shape::Flag(simple::interpolate_env),
        "Whether ${NAME} in ProxyPass targets is replaced by environment variables at each request",
    ),
    Row::supported(
        "ProxyPassMatch",
        PASS,
        Shape::Raw(pass::matching),
        "Maps paths that match a regular expression to a backend, or excludes them with !",
    ),
    Row::supported(
        "ProxyPassReverse",
        PASS,
        Shape::Take123(reverse::pass_reverse),
        "Rewrites Location, Content-Location and URI of answers back to this server",
    ),
    Row::supported(
        "ProxyPassReverseCookieDomain",
        Contexts::CONFIG,
        Shape::Take23(reverse::cookie_domain),
        "Rewrites the Domain of cookies",
    ),
    Row::supported(
        "ProxyPassReverseCookiePath",
        Contexts::CONFIG,
        Shape::Take23(reverse::cookie_path),
        "Rewrites the Path of cookies",
    ),
    Row::supported(
        "ProxyPreserveHost",
        Contexts::CONFIG,
        Shape::Flag(simple::preserve_host),
        "Whether the backend gets the client's Host instead of its own name",
    ),
    Row::no_effect(
        "ProxyReceiveBufferSize",
        Contexts::SERVER,
        Arity::Checked(buffer_size),
        "the kernel sizes socket buffers by what a connection carries",
    ),
    Row::refused(
        "ProxyRemote",
        Contexts::SERVER,
        Arity::Between(2, 3),
        "chaining to another proxy is not supported",
    ),
    Row::refused(
        "ProxyRemoteMatch",
        Contexts::SERVER,
        Arity::Between(2, 3),
        "chaining to another proxy is not supported",
    ),
    Row::supported("ProxyRequests", Contexts::SERVER, Shape::Flag(simple::requests), FORWARD),
    Row::supported(
        "ProxySet",
        Contexts::CONFIG,
        Shape::Raw(section::proxy_set),
        "Sets parameters of a worker or balancer",
    ),
    Row::supported(
        "ProxySourceAddress",
        Contexts::SERVER,
        Shape::Take1(simple::source_address),
        "The local address that connections to backends come from",
    ),
    Row::no_effect(
        "ProxyStatus",
        Contexts::SERVER,
        Arity::Checked(|arg| one_of(arg, &["off", "on", "full"])),
        "there is no mod_status page",
    ),
    Row::supported(
        "ProxyTimeout",
        Contexts::SERVER,
        Shape::Take1(simple::timeout),
        "How long a backend may be silent; seconds, any unit is ignored",
    ),
    Row::supported("ProxyVia", Contexts::SERVER, Shape::Take1(simple::via), "What becomes of the Via header"),
];

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// ProxyPass and ProxyPassMatch lines outside of sections, in order.
    pub passes: Vec<ProxyPass>,
    /// Backends outside of balancers, in the order in which lines named them first.
    pub workers: Vec<Worker>,
    /// Balancers, likewise.
    pub balancers: Vec<Balancer>,
    /// ProxyTimeout.
    pub timeout: Set<Duration>,
    /// ProxyVia.
    pub via: Set<Via>,
    /// ProxyMaxForwards; negative adds none.
    pub max_forwards: Set<i64>,
    /// ProxyBadHeader; IsError where not set.
    pub bad_header: Set<BadHeader>,
    /// ProxySourceAddress.
    pub source_address: Set<IpAddr>,
    /// ProxyPassInherit.
    pub pass_inherit: Set<bool>,
    /// BalancerInherit.
    pub balancer_inherit: Set<bool>,
}

/// httpd's `merge_proxy_config`: the main server's ProxyPass lines come first, whatever ProxyPassInherit says.
impl Merge for ServerConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let inherits =
            |set: &Set<bool>, outer: &Set<bool>| Merge::merge(outer, set).is_none_or(|on: Setting<bool>| *on);
        let backends = inherits(&add.balancer_inherit, &base.balancer_inherit)
            || inherits(&add.pass_inherit, &base.pass_inherit);
        let (workers, balancers) = if backends {
            (Merge::merge(&base.workers, &add.workers), balancers::merge(&base.balancers, &add.balancers))
        } else {
            (add.workers.clone(), add.balancers.clone())
        };
        Self {
            passes: Merge::merge(&base.passes, &add.passes),
            workers,
            balancers,
            timeout: Merge::merge(&base.timeout, &add.timeout),
            via: Merge::merge(&base.via, &add.via),
            max_forwards: Merge::merge(&base.max_forwards, &add.max_forwards),
            bad_header: Merge::merge(&base.bad_header, &add.bad_header),
            source_address: Merge::merge(&base.source_address, &add.source_address),
            pass_inherit: Merge::merge(&base.pass_inherit, &add.pass_inherit),
            balancer_inherit: Merge::merge(&base.balancer_inherit, &add.balancer_inherit),
        }
    }
}

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// The last ProxyPass or ProxyPassMatch of a Location.
    pub pass: Option<ProxyPass>,
    /// ProxyPassReverse lines, in order.
    pub reverses: Vec<Reverse>,
    /// ProxyPassReverseCookiePath lines, in order.
    pub cookie_paths: Vec<Reverse>,
    /// ProxyPassReverseCookieDomain lines, in order.
    pub cookie_domains: Vec<Reverse>,
    /// ProxyPreserveHost.
    pub preserve_host: Set<bool>,
    /// ProxyAddHeaders; On where not set.
    pub add_headers: Set<bool>,
    /// ProxyPassInterpolateEnv.
    pub interpolate_env: Set<bool>,
    /// ProxyErrorOverride.
    pub error_override: Set<ErrorOverride>,
    /// Proxy100Continue; On where not set.
    pub forward_100_continue: Set<bool>,
}

merge_fields!(DirConf {
    pass,
    reverses,
    cookie_paths,
    cookie_domains,
    preserve_host,
    add_headers,
    interpolate_env,
    error_override,
    forward_100_continue,
});
