//! `cargo xtask eval speech`: who is heard speaking when, on conversations it mixes itself out of single voices or on a
//! folder of recordings with their truth, and, where words were written down, how many of them are wrong.

#![expect(clippy::print_stdout, reason = "figures are what it is for")]

mod folder;
mod mixes;
mod score;
mod words;

use std::path::{Path, PathBuf};
use std::time::Instant;

use ::speech::activity::VoiceActivity;
use ::speech::{Diarizer, Expected};
use anyhow::{Context as _, Result, bail};

use crate::USAGE;
use mixes::{CONDITIONS, Cast};
use score::{Errors, Role, share};

/// Frames on both sides of a change that are not counted, where a collar is asked for: 250 ms.
const COLLAR: usize = 25;

/// Reads the words after `eval speech` and does what they ask for.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<()> {
    match words {
        ["mixes", rest @ ..] => mixed(root, rest),
        [folder] => folder::run(Path::new(folder), None),
        [folder, "--heard", heard] => folder::run(Path::new(folder), Some(Path::new(heard))),
        _ => bail!("{USAGE}"),
    }
}

/// What is mixed.
struct Options {
    voices: PathBuf,
    held: bool,
    cast: Cast,
    seed: u64,
    count: usize,
}

fn options(root: &Path, words: &[&str]) -> Result<Options> {
    let mut options = Options {
        voices: root.join("../shared/data/speech"),
        held: false,
        cast: Cast::ByChance,
        seed: 1,
        count: 40,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number =
            || words.next().context("a number is missing")?.parse::<u64>().context("not a number");
        match *word {
            "--held" => options.held = true,
            "--alike" => options.cast = Cast::Alike,
            "--seed" => options.seed = number()?,
            "--count" => options.count = usize::try_from(number()?)?,
            folder if !folder.starts_with('-') => options.voices = folder.into(),
            other => bail!("{other}?\n{USAGE}"),
        }
    }
    Ok(options)
}

/// Sums over mixes.
#[derive(Default)]
struct Sums {
    mixes: usize,
    exact: Errors,
    collared: Errors,
    role: Role,
    counted_right: usize,
}

impl Sums {
    fn say(&self, name: &str) -> String {
        let errors = self.exact;
        format!(
            "{name:<26} {:>3} mixes  DER {:5.2} % (missed {:5.2}, invented {:5.2}, confused {:5.2})  with collar {:5.2} %  \
             physician right {:6.2} % (unknown {:4.2}), others taken for them {:4.2} % (unknown {:4.2})  number of people right {}",
            self.mixes,
            100.0 * errors.rate(),
            100.0 * share(errors.missed, errors.speech),
            100.0 * share(errors.invented, errors.speech),
            100.0 * share(errors.confused, errors.speech),
            100.0 * self.collared.rate(),
            100.0 * share(self.role.right, self.role.physician),
            100.0 * share(self.role.unknown, self.role.physician),
            100.0 * share(self.role.taken, self.role.others),
            100.0 * share(self.role.doubted, self.role.others),
            self.counted_right,
        )
    }
}

/// Mixes conversations, listens to them and prints what went wrong. The voices that thresholds were tuned on and those
/// held aside (`--held`) are of different people.
fn mixed(root: &Path, words: &[&str]) -> Result<()> {
    let options = options(root, words)?;
    let diarizer = Diarizer::new()?;
    let mut voices = mixes::voices(&options.voices, &diarizer)?;
    mixes::keep_part(&mut voices, options.held);
    let (mut all, mut plain, mut overlapping) = (Sums::default(), Sums::default(), Sums::default());
    let activity = VoiceActivity::new()?;
    let (mut seconds, mut activity_s) = (0.0, 0.0);
    let mut worst: (f64, String) = (0.0, String::new());
    let mut by_condition: Vec<Sums> = CONDITIONS.iter().map(|_| Sums::default()).collect();
    for at in 0..options.count {
        let conditions = CONDITIONS[at % CONDITIONS.len()];
        let mix = mixes::mix(&voices, conditions, (options.cast, options.seed * 1_000 + at as u64))?;
        let physician = diarizer.enrol(&mix.enrolment).context("the physician enrols")?;
        let begun = Instant::now();
        let heard =
            diarizer.diarize(&mix.samples, Expected { speakers: None, physician: Some(&physician) })?;
        seconds += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        activity.probabilities(&mix.samples)?;
        activity_s += begun.elapsed().as_secs_f64();
        let exact = score::errors(&mix.truth, &heard, 0);
        let collared = score::errors(&mix.truth, &heard, COLLAR);
        let role = score::role(&mix.truth, &heard, "medico");
        let people = score::people(&heard);
        let names: Vec<&str> = mix.truth.speakers.iter().map(|(name, _)| name.as_str()).collect();
        println!(
            "{at:>3} {:<24} {people} heard of {}  DER {:5.2} %  with collar {:5.2} %  confused {:4.2} %  physician {:6.2} %  others taken {:6.2} %  {}",
            conditions.name,
            names.len(),
            100.0 * exact.rate(),
            100.0 * collared.rate(),
            100.0 * share(exact.confused, exact.speech),
            100.0 * share(role.right, role.physician),
            100.0 * share(role.taken, role.others),
            names.join(" "),
        );
        if exact.rate() > worst.0 {
            worst = (exact.rate(), format!("{at} {}", conditions.name));
        }
        let kind = if conditions.overlaps() { &mut overlapping } else { &mut plain };
        for sums in [&mut all, kind, &mut by_condition[at % CONDITIONS.len()]] {
            sums.mixes += 1;
            sums.exact.add(exact);
            sums.collared.add(collared);
            sums.role.add(role);
            sums.counted_right += usize::from(people == names.len());
        }
    }
    println!();
    for (sums, conditions) in by_condition.iter().zip(CONDITIONS).filter(|(sums, _)| sums.mixes > 0) {
        println!("{}", sums.say(conditions.name));
    }
    println!("{}\n{}\n{}", plain.say("without overlap"), overlapping.say("with overlap"), all.say("all"));
    println!("worst: {:.2} % ({})", 100.0 * worst.0, worst.1);
    println!(
        "{:.1} s for {} min of sound: {:.1} s for 15 minutes; voice activity alone {:.0} times real time; peak memory {}",
        seconds,
        options.count * 5,
        seconds * 3.0 / options.count as f64,
        options.count as f64 * 300.0 / activity_s,
        memory(),
    );
    Ok(())
}

/// The most memory this process has had, as the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known".to_owned(), |line| line.trim().to_owned())
}
