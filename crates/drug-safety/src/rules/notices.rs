//! What is not a risk of the medicine and belongs on the same screen: the kind of prescription the law asks for, and
//! names that are easily taken for another.

use terminology::medicines::{Medicine, SaleGroup};

use super::taken::{Taken, alert, capital};
use crate::facts::{Facts, medicines};
use crate::{Alert, AlertKind, Severity};

const LAW: &str =
    "Ley General de Salud, art. 226; la fracción es un valor de trabajo por verificar en el registro";
const ANTIBIOTICS: &str = "Acuerdo sobre venta de antibióticos, DOF 27-05-2010";

pub(super) fn check(all: &[Taken<'_>]) -> Vec<Alert> {
    let proposed = || all.iter().filter(|taken| taken.proposed);
    proposed().filter_map(legal).chain(proposed().flat_map(look_alike)).collect()
}

fn legal(taken: &Taken<'_>) -> Option<Alert> {
    let (what, advice, source) = match taken.medicine.sale_group {
        SaleGroup::I => (
            "es estupefaciente (fracción I, por verificar)",
            "Usar el recetario especial con código de barras; no se surte con receta ordinaria ni digital.",
            LAW,
        ),
        SaleGroup::II => (
            "es psicotrópico (fracción II, por verificar)",
            "La receta vale 30 días, la farmacia la retiene; dos envases como máximo.",
            LAW,
        ),
        SaleGroup::III => (
            "es psicotrópico (fracción III, por verificar)",
            "La receta se surte hasta tres veces en seis meses y se retiene a la tercera.",
            LAW,
        ),
        SaleGroup::Unverified => {
            ("no tiene fracción de venta comprobada", "Ver en la caja qué receta pide antes de firmar.", LAW)
        }
        _ if taken.medicine.is_antibiotic() => (
            "es antibiótico: se vende solo con receta",
            "Escribir dosis, intervalo y días; la farmacia registra la receta y la retiene al agotarse.",
            ANTIBIOTICS,
        ),
        _ => return None,
    };
    let message = format!("{} {what}.", capital(taken.medicine.name_es));
    Some(alert(AlertKind::LegalClass, Severity::Informativa, &[taken], "", message, advice, source))
}

/// The medicines whose names are easily taken for that of the ingredient `inn` (INN), each with its source.
fn twins(inn: &str) -> impl Iterator<Item = (&'static Medicine, &'static str)> {
    Facts::core().look_alike.iter().filter_map(move |(one, other, source)| {
        let twin = match inn {
            _ if inn == *one => other,
            _ if inn == *other => one,
            _ => return None,
        };
        Some((medicines().by_inn(twin)?, *source))
    })
}

/// Spanish names of the medicines whose names are easily taken for that of the ingredient `inn` (INN). Empty for most: only
/// the pairs of `catalogs/drug-safety/look_alike.tsv` are known.
#[must_use]
pub fn look_alikes(inn: &str) -> Vec<&'static str> {
    twins(inn).map(|(twin, _)| twin.name_es).collect()
}

fn look_alike<'a>(taken: &'a Taken<'_>) -> impl Iterator<Item = Alert> + 'a {
    twins(taken.medicine.inn).map(move |(twin, source)| {
        let twin = twin.name_es;
        let message = format!("{} se confunde con {twin}.", capital(taken.medicine.name_es));
        let advice = format!("Confirmar que se quiere {} y no {twin}.", taken.medicine.name_es);
        alert(AlertKind::LookAlike, Severity::Informativa, &[taken], "", message, &advice, source)
    })
}
