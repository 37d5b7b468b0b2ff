//! Several PDFs as one, with bookmarks. Pages stay as they are; what belongs to a file as a whole (its catalogue, its
//! tags, its annotations and actions) does not go along.

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, StringFormat, dictionary};

use crate::error::Error;

/// Most bytes a packed stream of objects may unpack to: files of other establishments are not trusted.
const MOST_UNPACKED: usize = 64 * 1024 * 1024;
/// Most pages of one file.
const MOST_PAGES: usize = 5_000;

/// A PDF that can be joined.
pub(crate) struct Part {
    document: Document,
    pages: Vec<ObjectId>,
}

impl Part {
    /// Reads a file; `None` for one that is encrypted, broken or enormous.
    pub(crate) fn read(bytes: Vec<u8>) -> Option<Self> {
        let options = LoadOptions { max_decompressed_size: Some(MOST_UNPACKED), ..LoadOptions::default() };
        let document = Document::load_mem_with_options(&bytes, options).ok()?;
        if document.is_encrypted() {
            return None;
        }
        let pages: Vec<ObjectId> = document.get_pages().into_values().take(MOST_PAGES + 1).collect();
        (!pages.is_empty() && pages.len() <= MOST_PAGES).then_some(Self { document, pages })
    }

    /// How many pages it has.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }
}

/// Where a part is found: its title, under the heading of its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bookmark {
    /// Heading; empty for none.
    pub(crate) group: String,
    /// Title.
    pub(crate) title: String,
}

impl Bookmark {
    pub(crate) fn alone(title: &str) -> Self {
        Self { group: String::new(), title: title.to_owned() }
    }
}

/// Parts joined.
pub(crate) struct Joined {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pages: usize,
}

/// Joins the parts that could be read, each with its bookmark.
pub(crate) fn join(parts: Vec<(Option<Part>, Bookmark)>, title: &str, author: &str) -> Result<Joined, Error> {
    let mut whole = Document::with_version("1.7");
    let tree = whole.new_object_id();
    let mut pages = Vec::new();
    let mut marks = Vec::new();
    for (part, mark) in parts {
        let Some(mut part) = part else { continue };
        part.document.renumber_objects_with(whole.max_id + 1);
        whole.max_id = whole.max_id.max(part.document.max_id);
        let own: Vec<ObjectId> = part.document.get_pages().into_values().collect();
        for id in &own {
            let page = flat_page(&part.document, *id, tree)?;
            part.document.objects.insert(*id, Object::Dictionary(page));
        }
        marks.push((mark, *own.first().ok_or_else(|| Error::Joining("a file without pages".to_owned()))?));
        pages.extend(own);
        whole.objects.extend(part.document.objects);
    }
    let kids: Vec<Object> = pages.iter().copied().map(Object::Reference).collect();
    let count = i64::try_from(kids.len()).unwrap_or(i64::MAX);
    whole.objects.insert(
        tree,
        Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }),
    );
    let outlines = outline(&mut whole, &marks);
    let catalog = whole.add_object(dictionary! {
        "Type" => "Catalog",
        "Pages" => tree,
        "Outlines" => outlines,
        "PageMode" => "UseOutlines",
        "Lang" => Object::string_literal("es-MX"),
        "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
    });
    let info = whole.add_object(dictionary! {
        "Title" => text(title), "Author" => text(author), "Creator" => text("Medicus"),
    });
    whole.trailer = dictionary! { "Root" => catalog, "Info" => info };
    whole.prune_objects();
    whole.renumber_objects();
    let mut bytes = Vec::new();
    whole.save_to(&mut bytes).map_err(|error| Error::Joining(error.to_string()))?;
    Ok(Joined { bytes, pages: pages.len() })
}

/// A page with what it inherits written into it, and without what leads out of it.
fn flat_page(document: &Document, id: ObjectId, parent: ObjectId) -> Result<Dictionary, Error> {
    const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
    let broken = |error: lopdf::Error| Error::Joining(error.to_string());
    let mut page = document.get_dictionary(id).map_err(broken)?.clone();
    let mut above = page.get(b"Parent").and_then(Object::as_reference).ok();
    // A tree of pages is a few levels high; a ring has no end.
    for _ in 0..64 {
        let Some(node) = above.and_then(|id| document.get_dictionary(id).ok()) else { break };
        for key in INHERITED {
            if !page.has(key)
                && let Ok(value) = node.get(key)
            {
                page.set(key, value.clone());
            }
        }
        above = node.get(b"Parent").and_then(Object::as_reference).ok();
    }
    for key in [&b"Annots"[..], b"AA", b"StructParents", b"B", b"Metadata", b"PieceInfo", b"Tabs"] {
        page.remove(key);
    }
    page.set("Parent", Object::Reference(parent));
    Ok(page)
}

/// The bookmarks: those of one group that follow each other stand under its heading.
fn outline(whole: &mut Document, marks: &[(Bookmark, ObjectId)]) -> ObjectId {
    let root = whole.new_object_id();
    let mut top: Vec<(ObjectId, Dictionary)> = Vec::new();
    let mut rest = marks;
    while let Some((first, page)) = rest.first() {
        let same =
            rest.iter().take_while(|(mark, _)| !first.group.is_empty() && mark.group == first.group).count();
        let (own, after) = rest.split_at(same.max(1));
        rest = after;
        let heading = if first.group.is_empty() { &first.title } else { &first.group };
        let id = whole.new_object_id();
        let mut item = entry(heading, *page, root);
        if !first.group.is_empty() {
            let below: Vec<(ObjectId, Dictionary)> = own
                .iter()
                .map(|(mark, page)| (whole.new_object_id(), entry(&mark.title, *page, id)))
                .collect();
            chain(whole, &mut item, below);
        }
        top.push((id, item));
    }
    let mut outlines = dictionary! { "Type" => "Outlines" };
    chain(whole, &mut outlines, top);
    whole.objects.insert(root, Object::Dictionary(outlines));
    root
}

fn entry(title: &str, page: ObjectId, parent: ObjectId) -> Dictionary {
    let place = vec![Object::Reference(page), Object::Name(b"Fit".to_vec())];
    dictionary! { "Title" => text(title), "Parent" => parent, "Dest" => place }
}

/// Puts items one after the other below a parent.
fn chain(whole: &mut Document, parent: &mut Dictionary, items: Vec<(ObjectId, Dictionary)>) {
    let ids: Vec<ObjectId> = items.iter().map(|(id, _)| *id).collect();
    if let (Some(first), Some(last)) = (ids.first(), ids.last()) {
        parent.set("First", Object::Reference(*first));
        parent.set("Last", Object::Reference(*last));
        parent.set("Count", i64::try_from(ids.len()).unwrap_or(i64::MAX));
    }
    for (place, (id, mut item)) in items.into_iter().enumerate() {
        if let Some(before) = place.checked_sub(1).and_then(|before| ids.get(before)) {
            item.set("Prev", Object::Reference(*before));
        }
        if let Some(next) = ids.get(place + 1) {
            item.set("Next", Object::Reference(*next));
        }
        whole.objects.insert(id, Object::Dictionary(item));
    }
}

/// A text string in UTF-16 with its mark, which every reader understands.
fn text(words: &str) -> Object {
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(words.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}
