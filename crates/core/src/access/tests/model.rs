//! Random rules against a small model of them: the model reads the rules as they were made, knows nothing of how httpd
//! takes sections apart, and says what the manual says.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::BASIC;
use super::asked::{ask, decided, snapshot, status};

/// A Require line.
#[derive(Clone, Copy, Debug)]
enum Test {
    Granted,
    Denied,
    /// Of the clients of these tests all, and none.
    Near,
    Far,
    Env,
    ValidUser,
    Ann,
    Staff,
    /// It cannot be evaluated.
    Broken,
}

/// A line or a section.
#[derive(Clone, Debug)]
enum Rule {
    Test(Test),
    Not(Test),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    None(Vec<Rule>),
}

/// Order, and whether a list has the client.
#[derive(Clone, Copy, Debug)]
struct Old {
    order: &'static str,
    allow: bool,
    deny: bool,
    satisfy_any: bool,
}

/// One Location.
#[derive(Clone, Debug)]
struct Place {
    merging: Option<&'static str>,
    /// The rules are for POST alone.
    limited: bool,
    rules: Vec<Rule>,
    old: Option<Old>,
}

/// A request.
#[derive(Clone, Copy, Debug)]
struct Asked {
    post: bool,
    credentials: Option<&'static str>,
    env: bool,
}

fn tests() -> impl Strategy<Value = Test> {
    use Test::{Ann, Broken, Denied, Env, Far, Granted, Near, Staff, ValidUser};
    prop::sample::select(vec![Granted, Denied, Near, Far, Env, ValidUser, ValidUser, Ann, Staff, Broken])
}

/// Rules that may stand where one is enough.
fn rules() -> impl Strategy<Value = Rule> {
    tests().prop_map(Rule::Test).prop_recursive(3, 16, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 1..4);
        // Beside rules that say no there must be one that says yes.
        let no = prop_oneof![
            tests().prop_map(Rule::Not),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Rule::None),
        ];
        let all = (inner, prop::collection::vec(prop_oneof![tests().prop_map(Rule::Test), no], 0..3));
        let all = all.prop_map(|(first, mut rest)| {
            rest.insert(rest.len() / 2, first);
            Rule::All(rest)
        });
        prop_oneof![some.prop_map(Rule::Any), all]
    })
}

fn places() -> impl Strategy<Value = Place> {
    let merging = prop::sample::select(vec![None, None, Some("And"), Some("Or"), Some("Off")]);
    let orders = prop::sample::select(vec!["allow,deny", "deny,allow", "mutual-failure"]);
    let old = (orders, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(order, allow, deny, satisfy_any)| Old { order, allow, deny, satisfy_any });
    let old = prop::option::weighted(0.3, old);
    (merging, prop::bool::weighted(0.2), prop::collection::vec(rules(), 0..3), old)
        .prop_map(|(merging, limited, rules, old)| Place { merging, limited, rules, old })
}

fn requests() -> impl Strategy<Value = Asked> {
    let credentials = vec![None, Some("ann:secret"), Some("bob:secret"), Some("ann:wrong")];
    (any::<bool>(), prop::sample::select(credentials), any::<bool>())
        .prop_map(|(post, credentials, env)| Asked { post, credentials, env })
}

/// The rules as a configuration has them.
fn write(rule: &Rule, out: &mut String) {
    let name = |test: &Test| match test {
        Test::Granted => "all granted",
        Test::Denied => "all denied",
        Test::Near => "ip 192.0.2.0/24",
        Test::Far => "ip 10",
        Test::Env => "env seen",
        Test::ValidUser => "valid-user",
        Test::Ann => "user ann",
        Test::Staff => "group staff",
        Test::Broken => "expr file('/absent') == 'x'",
    };
    let (section, rules) = match rule {
        Rule::Test(test) => return writeln!(out, "Require {}", name(test)).unwrap(),
        Rule::Not(test) => return writeln!(out, "Require not {}", name(test)).unwrap(),
        Rule::All(rules) => ("RequireAll", rules),
        Rule::Any(rules) => ("RequireAny", rules),
        Rule::None(rules) => ("RequireNone", rules),
    };
    writeln!(out, "<{section}>").unwrap();
    rules.iter().for_each(|rule| write(rule, out));
    writeln!(out, "</{section}>").unwrap();
}

fn configuration(places: &[Place], authenticated: bool) -> String {
    let mut out = "SetEnvIf X . seen\n".to_owned();
    for (place, path) in places.iter().zip(["/", "/a", "/a/b"]) {
        writeln!(out, "<Location {path}>").unwrap();
        if authenticated && path == "/" {
            out.push_str(BASIC);
        }
        if let Some(merging) = place.merging {
            writeln!(out, "AuthMerging {merging}").unwrap();
        }
        if let Some(Old { order, allow, deny, satisfy_any }) = place.old {
            let list = |on| if on { "192.0.2" } else { "10" };
            writeln!(out, "Order {order}\nAllow from {}\nDeny from {}", list(allow), list(deny)).unwrap();
            writeln!(out, "Satisfy {}", if satisfy_any { "Any" } else { "All" }).unwrap();
        }
        let limit = place.limited && !place.rules.is_empty();
        out.push_str(if limit { "<Limit POST>\n" } else { "" });
        place.rules.iter().for_each(|rule| write(rule, &mut out));
        out.push_str(if limit { "</Limit>\n" } else { "" });
        out.push_str("</Location>\n");
    }
    out
}

/// What rules say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Yes,
    No,
    /// No, but a user may change that.
    Who,
    Nothing,
}

/// A rule that cannot be evaluated.
struct Cannot;

struct Model {
    asked: Asked,
    /// Who the request is from, once that is known.
    user: Option<&'static str>,
}

impl Model {
    fn test(&self, test: Test) -> Result<Said, Cannot> {
        let yes = match (test, self.user) {
            (Test::Granted | Test::Near, _) => true,
            (Test::Denied | Test::Far, _) => false,
            (Test::Env, _) => self.asked.env,
            (Test::ValidUser | Test::Ann | Test::Staff, None) => return Ok(Said::Who),
            (Test::ValidUser, Some(_)) => true,
            (Test::Ann | Test::Staff, Some(user)) => user == "ann",
            (Test::Broken, _) => return Err(Cannot),
        };
        Ok(if yes { Said::Yes } else { Said::No })
    }

    fn rule(&self, rule: &Rule) -> Result<Said, Cannot> {
        let not = |said| if said == Said::Yes { Said::No } else { Said::Nothing };
        match rule {
            Rule::Test(test) => self.test(*test),
            Rule::Not(test) => self.test(*test).map(not),
            Rule::All(rules) => self.all(rules.iter().map(|rule| self.rule(rule))),
            Rule::Any(rules) => self.any(rules.iter().map(|rule| self.rule(rule))),
            Rule::None(rules) => self.any(rules.iter().map(|rule| self.rule(rule))).map(not),
        }
    }

    /// No where one says no; else who, yes or nothing, in this order. What comes behind a no is not looked at.
    fn all(&self, said: impl Iterator<Item = Result<Said, Cannot>>) -> Result<Said, Cannot> {
        self.first(said, Said::No, [Said::Who, Said::Yes])
    }

    /// Yes where one says yes; else who, no or nothing.
    fn any(&self, said: impl Iterator<Item = Result<Said, Cannot>>) -> Result<Said, Cannot> {
        self.first(said, Said::Yes, [Said::Who, Said::No])
    }

    fn first(
        &self,
        said: impl Iterator<Item = Result<Said, Cannot>>,
        deciding: Said,
        then: [Said; 2],
    ) -> Result<Said, Cannot> {
        let mut seen = Vec::new();
        for said in said {
            let said = said?;
            if said == deciding {
                return Ok(said);
            }
            seen.push(said);
        }
        Ok(then.into_iter().find(|said| seen.contains(said)).unwrap_or(Said::Nothing))
    }

    /// The rules of a place and the methods that they are for; nothing where they are for others.
    fn place(&self, place: &Place) -> Option<Result<Said, Cannot>> {
        (!place.limited || self.asked.post).then(|| self.any(place.rules.iter().map(|rule| self.rule(rule))))
    }

    /// The rules in force: a tree of places.
    fn tree(&self, tree: &Tree<'_>) -> Result<Said, Cannot> {
        match tree {
            Tree::Place(place) => self.place(place).unwrap_or(Ok(Said::Yes)),
            Tree::Both(outer, inner) => {
                let sides = [outer, inner].into_iter().map(|side| self.tree(side));
                self.all(sides)
            }
            Tree::Either(outer, inner) => {
                let here = [outer, inner].into_iter().filter(|side| side.is_for(self.asked));
                let all: Vec<_> = here.collect();
                if all.is_empty() {
                    Ok(Said::Yes)
                } else {
                    self.any(all.into_iter().map(|side| self.tree(side)))
                }
            }
        }
    }
}

/// How the rules of places go together.
enum Tree<'a> {
    Place(&'a Place),
    Both(Box<Tree<'a>>, Box<Tree<'a>>),
    Either(Box<Tree<'a>>, Box<Tree<'a>>),
}

impl<'a> Tree<'a> {
    fn of(places: &'a [Place]) -> Option<Self> {
        let mut so_far: Option<Self> = None;
        for place in places {
            let own = (!place.rules.is_empty()).then_some(Tree::Place(place));
            so_far = match (place.merging, so_far, own) {
                (None, outer, None) => outer,
                (Some("And"), Some(outer), Some(own)) => Some(Tree::Both(outer.into(), own.into())),
                (Some("Or"), Some(outer), Some(own)) => Some(Tree::Either(outer.into(), own.into())),
                (Some("And" | "Or"), Some(outer), None) => Some(outer),
                (_, _, own) => own,
            };
        }
        so_far
    }

    fn is_for(&self, asked: Asked) -> bool {
        match self {
            Tree::Place(place) => !place.limited || asked.post,
            Tree::Both(a, b) | Tree::Either(a, b) => a.is_for(asked) || b.is_for(asked),
        }
    }
}

/// What becomes of a request.
fn expected(places: &[Place], authenticated: bool, asked: Asked) -> u16 {
    let old = places.iter().rev().find_map(|place| place.old);
    let old_lets_in = old.is_none_or(|Old { order, allow, deny, .. }| match order {
        "deny,allow" => allow || !deny,
        _ => allow && !deny,
    });
    let any = old.is_some_and(|old| old.satisfy_any);
    match (any, old_lets_in) {
        (true, true) => return 200,
        (false, false) => return 403,
        _ => {}
    }
    let Some(tree) = Tree::of(places) else { return if authenticated { 500 } else { 200 } };
    match (Model { asked, user: None }).tree(&tree) {
        Err(Cannot) => return 500,
        Ok(Said::Yes) => return 200,
        Ok(Said::No | Said::Nothing) => return 403,
        Ok(Said::Who) => {}
    }
    let user = match asked.credentials {
        _ if !authenticated => return 500,
        Some("ann:secret") => "ann",
        Some("bob:secret") => "bob",
        _ => return 401,
    };
    match (Model { asked, user: Some(user) }).tree(&tree) {
        Err(Cannot) => 500,
        Ok(Said::Yes) => 200,
        Ok(_) => 401,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn rules_mean_what_they_say(
        places in prop::collection::vec(places(), 1..4),
        authenticated in prop::bool::weighted(0.8),
        requests in prop::collection::vec(requests(), 4),
    ) {
        let lines = configuration(&places, authenticated);
        let snapshot = snapshot(&lines);
        for asked in requests {
            let mut request = ask(if asked.post { "POST /a/b" } else { "GET /a/b" });
            request.credentials = asked.credentials;
            if asked.env {
                request = request.field("X", "1");
            }
            let got = status(&decided(&snapshot, &request));
            prop_assert_eq!(got, expected(&places, authenticated, asked), "{}\n{:?}", lines, asked);
        }
    }
}
