//! The class that lets each of httpd's directives stand in `.htaccess`, against httpd's own tables.

use std::collections::BTreeMap;

use wsgate_directives::modules;
use wsgate_directives::registry::Maker;

const CLASSES: &str = include_str!("overrides.txt");

#[test]
fn classes_are_those_of_httpd() {
    let mut expected = BTreeMap::new();
    for block in CLASSES.split("\n--- ").skip(1) {
        let mut lines = block.lines();
        let classes: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        expected
            .extend(lines.filter(|line| !line.is_empty()).map(|name| (name.to_lowercase(), classes.clone())));
    }
    let mut wrong = Vec::new();
    for module in modules::all().filter(|module| module.maker != Maker::ThirdParty) {
        for row in module.rows {
            let classes = row.contexts.overrides.names();
            let expected = expected.get(&row.name.to_lowercase()).cloned().unwrap_or_default();
            if classes != expected {
                wrong.push(format!("{}: {} is {classes:?}, not {expected:?}", module.name, row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
