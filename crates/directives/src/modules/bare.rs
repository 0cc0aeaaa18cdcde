//! Modules of httpd without directives of their own: known by name, for LoadModule and `<IfModule>`.

use crate::registry::{Maker, Module};

const fn done(name: &'static str, identifier: &'static str, file: &'static str) -> Module {
    Module { name, identifier, file, maker: Maker::Httpd, implemented: true, rows: &[] }
}

const fn not_done(name: &'static str, identifier: &'static str, file: &'static str) -> Module {
    Module { name, identifier, file, maker: Maker::Httpd, implemented: false, rows: &[] }
}

/// All of them.
pub const MODULES: &[Module] = &[
    not_done("mod_asis", "asis_module", "mod_asis.c"),
    done("mod_authz_host", "authz_host_module", "mod_authz_host.c"),
    not_done("mod_authz_owner", "authz_owner_module", "mod_authz_owner.c"),
    done("mod_authz_user", "authz_user_module", "mod_authz_user.c"),
    not_done("mod_bucketeer", "bucketeer_module", "mod_bucketeer.c"),
    not_done("mod_data", "data_module", "mod_data.c"),
    done("mod_lbmethod_bybusyness", "lbmethod_bybusyness_module", "mod_lbmethod_bybusyness.c"),
    done("mod_lbmethod_byrequests", "lbmethod_byrequests_module", "mod_lbmethod_byrequests.c"),
    done("mod_lbmethod_bytraffic", "lbmethod_bytraffic_module", "mod_lbmethod_bytraffic.c"),
    not_done("mod_proxy_ajp", "proxy_ajp_module", "mod_proxy_ajp.c"),
    done("mod_proxy_balancer", "proxy_balancer_module", "mod_proxy_balancer.c"),
    not_done("mod_proxy_fdpass", "proxy_fdpass_module", "mod_proxy_fdpass.c"),
    done("mod_proxy_http", "proxy_http_module", "mod_proxy_http.c"),
    not_done("mod_proxy_http2", "proxy_http2_module", "mod_proxy_http2.c"),
    not_done("mod_proxy_uwsgi", "proxy_uwsgi_module", "mod_proxy_uwsgi.c"),
    done("mod_ratelimit", "ratelimit_module", "mod_ratelimit.c"),
    done("mod_slotmem_plain", "slotmem_plain_module", "mod_slotmem_plain.c"),
    done("mod_slotmem_shm", "slotmem_shm_module", "mod_slotmem_shm.c"),
    not_done("mod_socache_dbm", "socache_dbm_module", "mod_socache_dbm.c"),
    not_done("mod_socache_shmcb", "socache_shmcb_module", "mod_socache_shmcb.c"),
    done("mod_status", "status_module", "mod_status.c"),
    done("mod_systemd", "systemd_module", "mod_systemd.c"),
    done("mod_unique_id", "unique_id_module", "mod_unique_id.c"),
];
