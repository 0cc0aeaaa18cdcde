//! Inputs: lines made of the registry's vocabulary, real configurations of the project, and both mutated.

use std::fmt;
use std::fs;
use std::path::Path;

use wsgate_directives::modules;

use crate::sources;

/// Arguments that directives take, and such as they should not.
const ARGUMENTS: &str = include_str!("arguments.txt");

/// Whole lines whose effect on the rest of the file is large.
const LINES: &str = include_str!("lines.txt");

/// Where inputs come from.
pub(super) struct Seeds {
    texts: Vec<Vec<u8>>,
    names: Vec<&'static str>,
    lines: Vec<&'static str>,
    arguments: Vec<&'static str>,
}

/// Some files; the first is the root.
pub(super) struct Input {
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut show = |(name, text): &(&str, Vec<u8>)| writeln!(f, "--- {name}\n{}", text.escape_ascii());
        self.files.iter().try_for_each(&mut show)
    }
}

impl Seeds {
    /// The project's own configurations and cases.
    pub(super) fn read(root: &Path) -> Self {
        let folders = ["conf", "crates/directives/tests/cases"];
        let files = sources::files(root, &folders, &["conf", "case"]);
        let texts = files.iter().filter_map(|path| fs::read(path).ok()).collect();
        let names = modules::all().flat_map(|module| module.rows).map(|row| row.name).collect();
        Self { texts, names, lines: LINES.lines().collect(), arguments: ARGUMENTS.lines().collect() }
    }

    /// The input of a number.
    pub(super) fn input(&self, seed: u64, index: u64) -> Input {
        let mut dice = Dice(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index.wrapping_mul(0xd134_2543_de82_ef95)),
        );
        let others = ["b.conf", "sub/c.conf"].into_iter().filter(|_| dice.below(4) == 0).collect::<Vec<_>>();
        let names = std::iter::once("a.conf").chain(others);
        Input { files: names.map(|name| (name, self.text(&mut dice))).collect() }
    }

    fn text(&self, dice: &mut Dice) -> Vec<u8> {
        let mut text = match dice.below(8) {
            0 if !self.texts.is_empty() => dice.pick(&self.texts),
            1 => (0..dice.below(200)).map(|_| dice.byte()).collect(),
            _ => self.lines(dice),
        };
        for _ in 0..dice.below(6).saturating_sub(2) {
            self.mutate(&mut text, dice);
        }
        text
    }

    fn lines(&self, dice: &mut Dice) -> Vec<u8> {
        let mut text = String::new();
        for _ in 0..dice.below(16) {
            if dice.below(2) == 0 {
                text += dice.pick(&self.lines);
            } else {
                let name = dice.pick(&self.names);
                text += name.trim_end_matches('>');
                for _ in 0..dice.below(4) {
                    text += " ";
                    text += dice.pick(&self.arguments);
                }
                text += if name.ends_with('>') { ">" } else { "" };
            }
            text += "\n";
        }
        text.into_bytes()
    }

    fn mutate(&self, text: &mut Vec<u8>, dice: &mut Dice) {
        let (start, length) = (dice.below(text.len() + 1), dice.below(24));
        let end = (start + length).min(text.len());
        match dice.below(5) {
            0 => drop(text.drain(start..end)),
            1 => {
                let copy = text[start..end].to_vec();
                let at = dice.below(text.len() + 1);
                text.splice(at..at, copy);
            }
            2 => {
                let argument = dice.pick(&self.arguments);
                text.splice(start..start, argument.bytes());
            }
            3 if start < text.len() => text[start] = dice.byte(),
            _ => {
                let token =
                    dice.pick(&[" ", "\n", "\\\n", "\"", "<", ">", "</", "#", "${", "}", "\r", "\t", "'"]);
                text.splice(start..start, token.bytes());
            }
        }
    }
}

/// Random numbers that are the same each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`; 0 for 0.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound as u64).max(1)).unwrap_or_default()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}
