//! What can be said of rules only when everything is read: maps that no line names, conditions without a rule, rules
//! whose engine is off.

use std::collections::BTreeMap;

use crate::config::{Config, Merge, Section, Server};
use crate::diag::Diagnostic;
use crate::modules::DirConf;

use super::conditions::Condition;
use super::rules::Rule;
use super::template::{Part, Template};
use super::{Map, ServerConf};

/// Findings about a whole configuration.
pub(crate) fn review(config: &Config, findings: &mut Vec<Diagnostic>) {
    let main = &config.main.conf.rewrite;
    server(&config.main, main, findings);
    for vhost in &config.vhosts {
        let merged = Merge::merge(main, &vhost.conf.rewrite);
        server(vhost, &merged, findings);
    }
}

fn server(server: &Server, merged: &ServerConf, findings: &mut Vec<Diagnostic>) {
    let own = &server.conf.rewrite;
    waiting(&own.pending, findings);
    let on = merged.engine.is_some_and(|on| *on);
    if let (Some(rule), false) = (own.rules.first(), on) {
        let message = "rules without effect: RewriteEngine is not On here";
        findings.push(Diagnostic::warning("rewrite-engine-off", rule.span, message));
    }
    for rule in &own.rules {
        maps(rule, &merged.maps, findings);
    }
    dir(&server.base, merged, findings);
    for sections in [&server.locations, &server.directories, &server.proxies] {
        for section in sections {
            in_section(section, merged, findings);
        }
    }
}

fn in_section(section: &Section, merged: &ServerConf, findings: &mut Vec<Diagnostic>) {
    for rule in &section.conf.rewrite.rules {
        maps(rule, &merged.maps, findings);
    }
    waiting(&section.conf.rewrite.pending, findings);
    dir(&section.conf, merged, findings);
}

/// The sections inside.
fn dir(conf: &DirConf, merged: &ServerConf, findings: &mut Vec<Diagnostic>) {
    for section in conf.core.files.iter().chain(&conf.core.ifs) {
        in_section(section, merged, findings);
    }
}

fn waiting(conditions: &[Condition], findings: &mut Vec<Diagnostic>) {
    if let Some(first) = conditions.first() {
        let message = "no RewriteRule follows this condition: it has no effect";
        findings.push(Diagnostic::warning("rewrite-cond-without-rule", first.span, message));
    }
}

fn maps(rule: &Rule, known: &BTreeMap<Box<[u8]>, std::sync::Arc<Map>>, findings: &mut Vec<Diagnostic>) {
    let mut missing: Vec<Box<[u8]>> = Vec::new();
    let mut visit = |part: &Part| {
        if let Part::Map { map, .. } = part
            && !known.contains_key(map)
            && !missing.contains(map)
        {
            missing.push(map.clone());
        }
    };
    let templates = rule.substitution.iter().chain(&rule.flags.env).chain(&rule.flags.cookies);
    templates.for_each(|template: &Template| template.walk(&mut visit));
    let subjects = rule.conditions.iter().filter_map(|condition| condition.test.subject());
    subjects.for_each(|template| template.walk(&mut visit));
    for name in missing {
        let name = String::from_utf8_lossy(&name);
        let message =
            format!("no RewriteMap of this server is called {name}: it gives nothing, or the default");
        let diagnostic = Diagnostic::warning("rewrite-undefined-map", rule.span, message);
        findings.push(diagnostic.help("add a RewriteMap line to the server that the rule is in"));
    }
}
