//! mod_http2: HTTP/2 with clients.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const HINTS: &str = "early hints only speed a page up; the answer is the same";
const PUSH: &str = "browsers no longer take server pushes";
const WORKERS: &str = "requests of HTTP/2 need no worker threads here";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_http2",
    identifier: "http2_module",
    file: "mod_http2.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::no_effect("H2CopyFiles", Contexts::FILE_INFO, Arity::ONE, "concerns httpd's buffers"),
        Row::no_effect("H2Direct", Contexts::SERVER, Arity::ONE, "h2c is served wherever Protocols names it"),
        Row::no_effect(
            "H2EarlyHint",
            Contexts::FILE_INFO.or(Contexts::AUTH_CONFIG),
            Arity::Between(2, 2),
            HINTS,
        ),
        Row::no_effect("H2EarlyHints", Contexts::SERVER, Arity::ONE, HINTS),
        Row::no_effect("H2MaxDataFrameLen", Contexts::SERVER, Arity::ONE, "frames are sized by wsgate"),
        Row::no_effect(
            "H2MaxHeaderBlockLen",
            Contexts::SERVER,
            Arity::ONE,
            "header blocks are bounded by wsgate",
        ),
        Row::no_effect("H2MaxSessionStreams", Contexts::SERVER, Arity::ONE, "streams are bounded by wsgate"),
        Row::no_effect(
            "H2MaxStreamErrors",
            Contexts::SERVER,
            Arity::ONE,
            "misbehaving clients are disconnected by limits of wsgate's own",
        ),
        Row::no_effect("H2MaxWorkerIdleSeconds", Contexts::SERVER, Arity::ONE, WORKERS),
        Row::no_effect("H2MaxWorkers", Contexts::SERVER, Arity::ONE, WORKERS),
        Row::no_effect("H2MinWorkers", Contexts::SERVER, Arity::ONE, WORKERS),
        Row::no_effect(
            "H2ModernTLSOnly",
            Contexts::SERVER,
            Arity::ONE,
            "wsgate's TLS has no cipher that HTTP/2 forbids",
        ),
        Row::no_effect(
            "H2OutputBuffering",
            Contexts::SERVER,
            Arity::ONE,
            "answers are written as soon as they are ready",
        ),
        Row::no_effect("H2Padding", Contexts::SERVER, Arity::ONE, "frames are not padded"),
        Row::no_effect(
            "H2ProxyRequests",
            Contexts::FILE_INFO,
            Arity::ONE,
            "wsgate is no forward proxy, in HTTP/2 neither",
        ),
        Row::no_effect("H2Push", Contexts::SERVER_AUTH, Arity::ONE, PUSH),
        Row::no_effect("H2PushDiarySize", Contexts::SERVER, Arity::ONE, PUSH),
        Row::no_effect("H2PushPriority", Contexts::SERVER, Arity::Between(2, 3), PUSH),
        Row::no_effect(
            "H2PushResource",
            Contexts::FILE_INFO.or(Contexts::AUTH_CONFIG),
            Arity::Between(1, 3),
            PUSH,
        ),
        Row::no_effect("H2SerializeHeaders", Contexts::SERVER, Arity::ONE, "httpd 2.4 ignores it too"),
        Row::no_effect("H2SessionExtraFiles", Contexts::SERVER, Arity::ONE, "httpd 2.4 ignores it too"),
        Row::no_effect(
            "H2StreamMaxMemSize",
            Contexts::SERVER,
            Arity::ONE,
            "memory for a stream is bounded by wsgate",
        ),
        Row::no_effect("H2StreamTimeout", Contexts::SERVER, Arity::ONE, "Timeout holds for streams as well"),
        Row::no_effect("H2TLSCoolDownSecs", Contexts::SERVER, Arity::ONE, "records are sized by wsgate"),
        Row::no_effect("H2TLSWarmUpSize", Contexts::SERVER, Arity::ONE, "records are sized by wsgate"),
        Row::no_effect(
            "H2Upgrade",
            Contexts::SERVER_AUTH,
            Arity::ONE,
            "clients that speak h2c say so at once",
        ),
        Row::no_effect(
            "H2WebSockets",
            Contexts::SERVER,
            Arity::ONE,
            "a browser opens WebSockets over HTTP/1.1 where HTTP/2 does not offer them",
        ),
        Row::no_effect("H2WindowSize", Contexts::SERVER, Arity::ONE, "windows are sized by wsgate"),
    ],
};
