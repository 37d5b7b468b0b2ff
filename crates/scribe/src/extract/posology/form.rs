//! Pharmaceutical form and route.

use super::*;

/// Drops with no route said go where the turn speaks of, unless the medicine is one to swallow.
pub(super) fn drops_go_to(turn: &TurnDoc, drug: Option<&DrugMention>) -> Option<String> {
    if drug.is_some_and(|drug| drug.routes.contains(&"oral")) {
        return None;
    }
    let said = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let route = if [" ojo ", " ojos ", " cornea ", " pupila "].iter().any(|cue| said.contains(cue)) {
        "oftálmica"
    } else if [" oido ", " oidos "].iter().any(|cue| said.contains(cue)) {
        "ótica"
    } else {
        return None;
    };
    Some(route.to_owned())
}

/// The route a form leaves no doubt about: tablets are swallowed, insulin is injected, puffs are breathed in.
pub(super) fn implied_route(drug: &DrugMention, unit: &Option<String>) -> Option<String> {
    if drug.insulin {
        return Some("subcutánea".to_owned());
    }
    if let [route] = drug.routes.as_slice() {
        return Some((*route).to_owned());
    }
    // An infusion is not drunk.
    let infusion = drug.name.starts_with("solución");
    let oral = !infusion && (drug.routes.is_empty() || drug.routes.contains(&"oral"));
    let Some(unit) = unit.as_deref() else {
        // An inhaler of which only the name is said is no syrup.
        if drug.routes.contains(&"inhalada") {
            return Some("inhalada".to_owned());
        }
        // What is swallowed as a rule is swallowed when nothing else is said.
        return drug.routes.contains(&"oral").then(|| "oral".to_owned());
    };
    let route = match unit {
        "mg" | "g" | "mcg" | "ml" | "tableta" | "cápsula" | "gragea" | "sobre" | "cucharada"
        | "cucharadita"
            if oral =>
        {
            "oral"
        }
        "gotas"
            if drug.routes.contains(&"oftálmica")
                && ["floxacino", "micina", "fenicol"].iter().any(|end| drug.name.ends_with(end)) =>
        {
            "oftálmica"
        }
        "gotas" if drug.routes.contains(&"oral") => "oral",
        "disparos" | "atomizaciones"
            if drug.routes.contains(&"nasal") && !drug.routes.contains(&"inhalada") =>
        {
            "nasal"
        }
        "disparos" | "inhalaciones" | "nebulización" => "inhalada",
        "óvulo" => "vaginal",
        "supositorio" => "rectal",
        _ => return None,
    };
    Some(route.to_owned())
}

/// "crema de urea", "para la nariz: mometasona en spray", "lavado nasal con solución salina": the form or the place that leads
/// to the medicine. Words of the medicine before it are left out.
pub(super) fn led_by(turn: &TurnDoc, drug: &DrugMention, near: usize) -> Option<String> {
    let sentence = turn.sentence_of(drug.start).start;
    let from = (sentence..drug.start)
        .rev()
        .find(|&at| {
            number_at(&turn.tokens, at).is_some_and(|_| !matches!(turn.word(at), "un" | "una"))
                || matches!(turn.word(at), "cada" | "diario" | "diaria" | ";")
        })
        .map_or(sentence, |at| at + 1);
    route(turn, from, drug.end).or_else(|| route(turn, from, near))
}

pub(super) fn form(turn: &TurnDoc, start: usize, end: usize) -> Option<String> {
    (start..end)
        .find_map(|at| {
            Some(match turn.word(at) {
                "tableta" | "tabletas" | "pastilla" | "pastillas" | "comprimido" | "comprimidos" => "tableta",
                "capsula" | "capsulas" => "cápsula",
                "jarabe" => "jarabe",
                "suspension" => "suspensión",
                "gotas" | "gotitas" => "gotas",
                "crema" => "crema",
                "pomada" | "unguento" => "ungüento",
                "gel" => "gel",
                "spray" | "espray" => "spray",
                "inhalador" | "disparos" => "inhalador",
                "sobre" | "sobres" | "sobrecitos" => "sobre",
                "ampolleta" | "ampolletas" => "ampolleta",
                "inyeccion" | "inyecciones" => "inyección",
                "ovulo" | "ovulos" => "óvulo",
                "supositorio" | "supositorios" => "supositorio",
                "parche" | "parches" => "parche",
                "shampoo" | "champu" => "shampoo",
                "locion" => "loción",
                _ => return None,
            })
        })
        .map(str::to_owned)
}

/// "tabletas de quinientos miligramos", "dos cápsulas de omeprazol de veinte": a counted form with how much each piece has, as
/// it was said.
pub(super) fn presentation(
    turn: &TurnDoc,
    start: usize,
    end: usize,
    drug: Option<&DrugMention>,
) -> Option<String> {
    let bare = if drug.is_some_and(|drug| drug.micrograms) { "mcg" } else { "mg" };
    let after = (start..end).find_map(|at| piece(turn.word(at)).zip(each(turn, at + 1, bare)));
    let around = || {
        let drug = drug.filter(|drug| turn.word(drug.start.wrapping_sub(1)) == "de")?;
        piece(turn.word(drug.start.wrapping_sub(2))).zip(each(turn, drug.end, bare))
    };
    let (form, strength) = after.or_else(around)?;
    Some(format!("{form} de {strength}"))
}

/// Forms that come in pieces.
fn piece(word: &str) -> Option<&'static str> {
    Some(match word {
        "tableta" | "tabletas" | "pastilla" | "pastillas" | "comprimido" | "comprimidos" => "tableta",
        "capsula" | "capsulas" => "cápsula",
        "gragea" | "grageas" => "gragea",
        "ovulo" | "ovulos" => "óvulo",
        "supositorio" | "supositorios" => "supositorio",
        _ => return None,
    })
}

/// "de quinientos", "de veinte miligramos": how much one has. Of a combination ("de ochocientos con ciento veinticinco") nothing.
fn each(turn: &TurnDoc, at: usize, bare: &str) -> Option<String> {
    const LEAST_BARE: f64 = 5.0;
    let number = number_at(&turn.tokens, at + 1).filter(|_| turn.word(at) == "de")?;
    let unit = dose_unit(turn.word(number.end)).filter(|unit| matches!(*unit, "mg" | "g" | "mcg"));
    let end = number.end + usize::from(unit.is_some());
    let combined = matches!(turn.word(end), "con" | "sobre" | "entre" | "mas")
        && number_at(&turn.tokens, end + 1).is_some();
    let known = unit.or_else(|| {
        (number.value >= LEAST_BARE && dose_unit(turn.word(number.end)).is_none()).then_some(bare)
    });
    known.filter(|_| !combined).map(|unit| format!("{} {unit}", plain(number.value)))
}

/// The route said, or the one its form leaves no doubt about.
pub(super) fn route(turn: &TurnDoc, start: usize, end: usize) -> Option<String> {
    let said = turn.joined(start, end);
    let has = |words: &[&str]| words.iter().any(|word| said.split(' ').any(|heard| heard == *word));
    let site = if has(&["ojo", "ojos", "ojito", "oftalmica", "oftalmico", "oftalmicas", "oftalmicos"]) {
        Some("oftálmica")
    } else if has(&["oido", "oidos", "oidito", "otica", "otico", "oticas", "oticos"]) {
        Some("ótica")
    } else if has(&["nariz", "fosa", "nasal", "fosas", "nasales", "narina", "hoyito"])
        || said.contains("cada lado")
        || said.contains("por lado")
        || said.contains("por fosa")
        || said.contains("cada hoyo")
    {
        Some("nasal")
    } else {
        None
    };
    let route = if has(&["intramuscular", "intramusculares"])
        || ["en el muslo", "en la nalga", "en el gluteo", "en la pompa", "en la pompi"]
            .iter()
            .any(|cue| said.contains(cue))
    {
        "intramuscular"
    } else if has(&[
        "intravenosa",
        "intravenoso",
        "intravenosos",
        "intravenosas",
        "vena",
        "endovenosa",
        "endovenoso",
    ]) || said.contains("en el suero")
    {
        "intravenosa"
    } else if ["dentro del ojo", "intravitre"].iter().any(|cue| said.contains(cue)) {
        "intravítrea"
    } else if has(&["subcutanea", "subcutaneo"])
        || said.contains("debajo de la piel")
        || said.contains("bajo la piel")
    {
        "subcutánea"
    } else if has(&["sublingual", "lengua"]) {
        "sublingual"
    } else if has(&["ovulo", "ovulos", "vagina", "vaginal", "aplicador"]) {
        "vaginal"
    } else if has(&["supositorio", "supositorios", "rectal"]) {
        "rectal"
    } else if has(&[
        "disparos",
        "disparo",
        "inhalador",
        "inhalaciones",
        "nebulizacion",
        "nebulizaciones",
        "nebulizador",
        "puntas",
        "mascarilla",
        "inhalacion",
        "inhalada",
        "inhala",
        "inhale",
        "nebulizado",
        "nebulizada",
        "nebulice",
        "camara",
        "inhalado",
    ]) && site != Some("nasal")
    {
        "inhalada"
    } else if let Some(site) = site.filter(|_| {
        has(&[
            "gota",
            "gotas",
            "gotitas",
            "spray",
            "atomizaciones",
            "atomizacion",
            "lavado",
            "enjuague",
            "espray",
            "unguento",
            "disparos",
            "disparo",
            "lavados",
            "atomizador",
            "lado",
            "aplicaciones",
        ])
    }) {
        site
    } else if has(&["atomizaciones", "atomizacion", "atomizador"]) || said.starts_with("nasal") {
        "nasal"
    } else if has(&[
        "crema",
        "pomada",
        "unguento",
        "gel",
        "espuma",
        "delgadito",
        "delgadita",
        "untado",
        "shampoo",
        "champu",
        "locion",
        "untada",
        "unta",
        "untar",
        "untese",
        "piel",
        "capita",
    ]) {
        "tópica"
    } else if has(&["enjuague", "enjuagues", "buches", "gargaras", "colutorio"]) {
        "bucal"
    } else if has(&["parche", "parches"]) {
        "transdérmica"
    } else if has(&[
        "tableta",
        "tabletas",
        "pastilla",
        "pastillas",
        "capsula",
        "capsulas",
        "jarabe",
        "suspension",
        "tomada",
        "oral",
        "tomado",
        "sobre",
        "sobres",
        "tome",
        "disuelto",
        "tomar",
        "gragea",
    ]) {
        "oral"
    } else {
        return None;
    };
    Some(route.to_owned())
}
