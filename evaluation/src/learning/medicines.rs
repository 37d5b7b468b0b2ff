//! Learns what is said of a medicine where it is named.

use std::io::Write as _;

use anyhow::Result;
use scribe::learned::linear::Model;
use scribe::learned::medicines::{CODES, KINDS, Mention, mentions};
use serde_json::Value;

use super::{Example, FOLDS, labels, learner};

/// The mentions of a consultation, each with the kinds of fact it is; `None` for one that is neither example nor
/// counterexample.
pub(crate) struct Mentions {
    /// See `Example`.
    pub(super) fold: usize,
    mentions: Vec<Mention>,
    kinds: Vec<Option<u32>>,
    /// Per kind and medicine the rules found: whether it is annotated.
    found: Vec<(usize, String, bool)>,
    /// Per kind and medicine that is named: whether it is annotated.
    wanted: Vec<(usize, String, bool)>,
}

impl Mentions {
    /// Finds the annotated medicines among the mentions.
    pub(crate) fn new(example: &Example, file: &Value) -> Self {
        let scene = scribe::scene::Scene::new(&example.transcript);
        let mentions = mentions(&scene, &example.rules);
        let lists =
            ["current_medications", "medications_stopped", "prescriptions"].map(|list| &file["gold"][list]);
        let lists = [lists[0], lists[1], lists[2], &file["gold"]["history"]["allergies"]];
        let annotated: Vec<Vec<(Vec<String>, Vec<u64>)>> = lists.iter().map(|list| named(list)).collect();
        let is = |kind: usize, name: &str| {
            annotated[kind].iter().find(|(names, _)| names.iter().any(|other| labels::alike(other, name)))
        };
        let kinds = mentions
            .iter()
            .map(|mention| {
                let (mut bits, mut elsewhere) = (0, false);
                for kind in 0..KINDS.len() {
                    if let Some((_, turns)) = is(kind, &mention.name) {
                        let here = turns.contains(&(mention.turn as u64));
                        bits |= u32::from(here) << kind;
                        elsewhere |= !here;
                    }
                }
                (bits > 0 || !elsewhere).then_some(bits)
            })
            .collect();
        let mut found = Vec::new();
        let mut wanted = Vec::new();
        for (kind, of) in KINDS.iter().enumerate() {
            for fact in example.rules.iter().filter(|fact| fact.kind == *of) {
                found.push((kind, fact.name.clone(), is(kind, &fact.name).is_some()));
            }
            let mut names: Vec<&str> = mentions.iter().map(|mention| mention.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            wanted.extend(names.iter().map(|name| (kind, (*name).to_owned(), is(kind, name).is_some())));
        }
        Self { fold: example.fold, mentions, kinds, found, wanted }
    }

    fn best(&self, model: &Model, kind: usize, name: &str) -> Option<f32> {
        let of = self.mentions.iter().filter(|mention| mention.name == name);
        of.map(|mention| model.score(&mention.features)[kind]).max_by(f32::total_cmp)
    }
}

fn named(list: &Value) -> Vec<(Vec<String>, Vec<u64>)> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter(|item| item["negated"] != true)
        .map(|item| {
            let aliases = item["aliases"].as_array().into_iter().flatten();
            let names = [&item["name"], &item["drug_inn"]].into_iter().chain(aliases);
            (
                names.filter_map(|name| name.as_str().map(str::to_owned)).collect(),
                item["evidence_turns"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect(),
            )
        })
        .collect()
}

/// What a right medicine of the rules that is dropped costs in wrong ones: one that is taken and not written is missed by
/// the check of interactions.
const LOST: f64 = 2.0;

/// Learns and says what cross-validation says.
pub(crate) fn train(all: &[Mentions]) -> Result<(Vec<Model>, Model)> {
    let samples = |keep: &dyn Fn(usize) -> bool| {
        let kept: Vec<&Mentions> = all.iter().filter(|mentions| keep(mentions.fold)).collect();
        kept.into_iter().flat_map(|mentions| {
            mentions
                .mentions
                .iter()
                .zip(&mentions.kinds)
                .filter_map(|(mention, kinds)| kinds.map(|kinds| (mention.features.as_slice(), kinds)))
        })
    };
    let mut models: Vec<Model> =
        (0..FOLDS).map(|fold| learner::train(&CODES, samples(&|of| of != fold))).collect();
    let mut whole = learner::train(&CODES, samples(&|_| true));
    let mut out = std::io::stdout().lock();
    for (kind, code) in CODES.iter().enumerate() {
        let (mut added, mut dropped) = (Vec::new(), Vec::new());
        for mentions in all {
            let model = &models[mentions.fold];
            for (_, name, right) in mentions.found.iter().filter(|(of, _, _)| *of == kind) {
                if let Some(score) = mentions.best(model, kind, name) {
                    dropped.push((1.0 - score, !right));
                }
            }
            for (_, name, right) in mentions.wanted.iter().filter(|(of, _, _)| *of == kind) {
                let known = mentions.found.iter().any(|(of, other, _)| *of == kind && other == name);
                if let Some(score) = mentions.best(model, kind, name).filter(|_| !known) {
                    added.push((score, *right));
                }
            }
        }
        let (believed, right, wrong) = learner::cut(&mut added, 1.0);
        let (doubt, bad, good) = learner::cut(&mut dropped, LOST);
        let kept = learner::above(doubt);
        writeln!(
            out,
            "{code:22} believed from {believed:.3}: {right} right, {wrong} wrong; kept from {kept:.3}: without {good} right, {bad} wrong",
        )?;
        for model in models.iter_mut().chain([&mut whole]) {
            model.set_thresholds(kind, believed, kept);
        }
    }
    Ok((models, whole))
}
