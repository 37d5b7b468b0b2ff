//! The routes of the router, read from its source, and who may use each.

/// Nobody needs to sign in.
pub(crate) const PUBLIC: &str = "público";
/// Whoever is signed in.
pub(crate) const SIGNED_IN: &str = "con sesión";

/// Method, path, and who is let in: M médico, E enfermería, R recepción, A administración, U auditoría.
pub(crate) const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/", SIGNED_IN),
    ("GET", "/primer-inicio", PUBLIC),
    ("POST", "/primer-inicio", PUBLIC),
    ("GET", "/entrar", PUBLIC),
    ("POST", "/entrar", PUBLIC),
    ("POST", "/salir", SIGNED_IN),
    ("GET", "/salud", PUBLIC),
    ("GET", "/recursos/{file}", PUBLIC),
    ("GET", "/hoy", "MER"),
    ("GET", "/consultas", "MER"),
    ("POST", "/citas/{id}/llegada", "MER"),
    ("POST", "/citas/{id}/iniciar", "ME"),
    ("GET", "/bitacora", "AU"),
    ("GET", "/bitacora/exportar", "AU"),
    ("GET", "/bitacora/paciente/{id}", "AU"),
    ("GET", "/bitacora/aperturas", "AU"),
    ("POST", "/bitacora/aperturas/{opening}", "AU"),
    ("GET", "/buscar", "ME"),
    ("POST", "/buscar", "ME"),
    ("GET", "/cumplimiento", "MEAU"),
    ("GET", "/grupos", "A"),
    ("POST", "/grupos", "A"),
    ("POST", "/grupos/{group}/quitar", "A"),
    ("POST", "/grupos/{group}/miembros", "A"),
    ("POST", "/grupos/{group}/miembros/{user}/quitar", "A"),
    ("POST", "/grupos/{group}/expedientes", "A"),
    ("POST", "/grupos/{group}/expedientes/{patient}/quitar", "A"),
    ("GET", "/expediente-privado", "ME"),
    ("POST", "/expediente-privado", "ME"),
    ("POST", "/expediente-privado/abrir", "ME"),
    ("GET", "/pacientes", "MER"),
    ("GET", "/pacientes/nuevo", "MER"),
    ("POST", "/pacientes/nuevo", "MER"),
    ("GET", "/pacientes/{id}", "MER"),
    ("GET", "/pacientes/{id}/editar", "MER"),
    ("POST", "/pacientes/{id}/editar", "MER"),
    ("GET", "/pacientes/{id}/identidad", "MER"),
    ("GET", "/pacientes/{id}/consentimientos", "MER"),
    ("POST", "/pacientes/{id}/consentimientos", "MER"),
    ("GET", "/aviso-de-privacidad", SIGNED_IN),
    ("POST", "/aviso-de-privacidad", "A"),
    ("POST", "/pacientes/{id}/representantes", "MER"),
    ("POST", "/pacientes/{id}/representantes/{entry}/quitar", "MER"),
    ("GET", "/pacientes/{id}/unir", "M"),
    ("POST", "/pacientes/{id}/unir", "M"),
    ("POST", "/pacientes/{id}/uniones/{merge}/separar", "M"),
    ("POST", "/pacientes/{id}/consultas", "ME"),
    ("GET", "/pacientes/{id}/documentos/nuevo", "ME"),
    // The form asks for a note, which enfermería does not write.
    ("POST", "/pacientes/{id}/documentos/nuevo", "M"),
    ("POST", "/pacientes/{id}/alergias", "ME"),
    ("POST", "/pacientes/{id}/alergias/negadas", "ME"),
    ("POST", "/pacientes/{id}/problemas", "ME"),
    ("POST", "/pacientes/{id}/medicamentos", "ME"),
    ("POST", "/pacientes/{id}/resumen/{kind}/{entry}/cerrar", "ME"),
    ("GET", "/pacientes/{id}/archivos", "ME"),
    ("POST", "/pacientes/{id}/archivos", "ME"),
    ("GET", "/archivos/{id}", "ME"),
    ("GET", "/archivos/{id}/contenido", "ME"),
    ("POST", "/archivos/{id}/retirar", "ME"),
    ("GET", "/pacientes/{id}/cumplimiento", "ME"),
    ("GET", "/documentos", "ME"),
    ("GET", "/documentos/{id}", "ME"),
    ("POST", "/documentos/{id}/impresiones", "ME"),
    ("GET", "/documentos/{id}/impresiones/{n}", "ME"),
    ("GET", "/documentos/{id}/adenda", "ME"),
    // A note is corrected by who could have signed it.
    ("POST", "/documentos/{id}/adenda", "M"),
    ("GET", "/pacientes/{id}/entregas", "ME"),
    ("POST", "/pacientes/{id}/entregas", "M"),
    ("GET", "/pacientes/{id}/entregas/lista", "ME"),
    ("GET", "/entregas/{id}/acuse", "ME"),
    ("POST", "/entregas/{id}/anular", "M"),
    ("GET", "/pacientes/{id}/conservacion", "MA"),
    ("POST", "/pacientes/{id}/conservacion/retencion", "MA"),
    ("POST", "/pacientes/{id}/conservacion/archivo", "MA"),
    ("POST", "/pacientes/{id}/conservacion/regreso", "MA"),
    ("POST", "/pacientes/{id}/conservacion/supresion", "MA"),
    ("POST", "/retenciones/{id}/levantar", "MA"),
    ("GET", "/conservacion", "MA"),
    ("POST", "/conservacion", "A"),
    ("GET", "/derechos", "MRA"),
    ("GET", "/derechos/nueva", "MRA"),
    ("POST", "/derechos/nueva", "MRA"),
    ("GET", "/derechos/calendario", "MRA"),
    ("POST", "/derechos/calendario", "A"),
    ("POST", "/derechos/calendario/quitar", "A"),
    ("GET", "/derechos/{id}", "MRA"),
    // Answers and what carries them out are a physician's; the other steps are of whoever follows the terms.
    ("POST", "/derechos/{id}", "MRA"),
    ("GET", "/derechos/{id}/acuse", "MRA"),
    ("GET", "/derechos/{id}/respuesta", "M"),
    ("GET", "/pacientes/{id}/tendencias", "ME"),
    ("GET", "/pacientes/{id}/resultados", "ME"),
    ("GET", "/pacientes/{id}/resultados/nuevo", "ME"),
    ("POST", "/pacientes/{id}/resultados/nuevo", "ME"),
    ("GET", "/pacientes/{id}/resultados/subir", "ME"),
    ("POST", "/pacientes/{id}/resultados/subir", "ME"),
    ("POST", "/pacientes/{id}/resultados/guardar", "ME"),
    ("GET", "/resultados/{id}", "ME"),
    ("POST", "/resultados/{id}/corregir", "ME"),
    ("POST", "/resultados/{id}/retirar", "ME"),
    ("GET", "/consultas/{id}", "ME"),
    ("GET", "/consultas/{id}/cie", "ME"),
    ("POST", "/consultas/{id}/transcripcion", "ME"),
    ("GET", "/consultas/{id}/{doc}", "ME"),
    ("POST", "/consultas/{id}/{doc}/plantilla", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/aceptar", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/editar", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/descartar", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/recuperar", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/codigo", "ME"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/codigo/quitar", "ME"),
    ("POST", "/consultas/{id}/{doc}/secciones/{section}/aceptar", "ME"),
    ("POST", "/consultas/{id}/{doc}/dudas/{n}/agregar", "ME"),
    ("POST", "/consultas/{id}/{doc}/dudas/{n}/descartar", "ME"),
    ("POST", "/consultas/{id}/{doc}/alertas", "ME"),
    ("POST", "/consultas/{id}/{doc}/alertas/reabrir", "ME"),
    ("GET", "/consultas/{id}/{doc}/borrador.pdf", "ME"),
    ("GET", "/consultas/{id}/{doc}/receta.pdf", "ME"),
    ("GET", "/consultas/{id}/{doc}/firmar", "ME"),
    ("POST", "/consultas/{id}/{doc}/firmar", "M"),
];

/// Every method and path that the source of the crate routes.
pub(crate) fn routes() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.extend(routes_of(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn routes_of(source: &str) -> Vec<(String, String)> {
    for other in [".nest(", ".route_service(", ".nest_service("] {
        assert!(!source.contains(other), "the list of routes does not read {other}");
    }
    let mut found = Vec::new();
    for rest in source.split(".route(").skip(1) {
        let call = call(rest);
        let Some(path) = call.split('"').nth(1) else { continue };
        let methods =
            [("GET", "get("), ("POST", "post("), ("PUT", "put("), ("DELETE", "delete("), ("ANY", "any(")];
        for (method, word) in methods {
            let own = call.match_indices(word).filter(|(at, _)| {
                !call[..*at].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_')
            });
            found.extend(own.map(|_| (method.to_owned(), path.to_owned())));
        }
    }
    found
}

/// What stands within the brackets of a call that has just been opened.
fn call(rest: &str) -> &str {
    let mut open = 1_usize;
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &rest[..at];
        }
    }
    rest
}

#[test]
fn a_route_in_several_lines_is_read() {
    let source = "x.route(\n  \"/a/{id}\",\n  get(page::a).post(page::forget).layer(Limit::max(3)),\n)";
    let route = |method: &str| (method.to_owned(), "/a/{id}".to_owned());
    assert_eq!(routes_of(source), [route("GET"), route("POST")]);
}
