//! From SVG to PNG with the built-in font.

use std::sync::{Arc, LazyLock};

use epaint_default_fonts::UBUNTU_LIGHT;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use super::{HEIGHT, WIDTH};

/// Pixels of the PNG to a pixel of the page, for sharp screens.
const SCALE: u16 = 2;

/// One font and no other, so that the bytes do not depend on the machine.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(UBUNTU_LIGHT.to_vec());
    Arc::new(fonts)
});

pub(super) fn png(svg: &str) -> Option<Vec<u8>> {
    let fonts = Arc::clone(&FONTS);
    let family = fonts
        .faces()
        .next()
        .and_then(|face| Some(face.families.first()?.0.clone()))?;
    let options = Options {
        fontdb: fonts,
        font_family: family,
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).ok()?;
    let mut pixels = Pixmap::new(u32::from(WIDTH * SCALE), u32::from(HEIGHT * SCALE))?;
    let scale = f32::from(SCALE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().ok()
}
