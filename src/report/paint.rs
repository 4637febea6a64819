//! Scenes to files through plotters: SVG on a grid of quarter pixels, PNG drawn four times as
//! large and averaged down, because the bitmap backend alone draws stairs.

use std::fmt;
use std::path::Path;

use plotters::prelude::{BitMapBackend, Color, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{RGBColor, ShapeStyle, TextStyle};

use super::lettering;
use super::palette::Rgb;
use super::scene::{Anchor, Face, Mark, Scene, Sheet, simplified};
use super::words::escaped;

/// Device units per px: the precision of the SVG, the oversampling of the PNG.
const FINE: u32 = 4;

/// Pixels of the PNG per px of the page: 300 to the inch at 20 cm.
const SHARP: u32 = 2;

/// A chart could not be painted or written.
#[derive(Debug)]
pub struct ChartError(pub String);

impl fmt::Display for ChartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "failed to draw a chart: {}", self.0)
    }
}

impl std::error::Error for ChartError {}

fn failed(problem: impl fmt::Display) -> ChartError {
    ChartError(problem.to_string())
}

fn size(sheet: Sheet, scale: u32) -> (u32, u32) {
    (sheet.width as u32 * scale, sheet.height as u32 * scale)
}

fn device(point: (f64, f64)) -> (i32, i32) {
    let fine = f64::from(FINE);
    (
        (point.0 * fine).round() as i32,
        (point.1 * fine).round() as i32,
    )
}

fn fill(colour: Rgb) -> ShapeStyle {
    ShapeStyle {
        color: rgb(colour).into(),
        filled: true,
        stroke_width: 0,
    }
}

fn rgb(colour: Rgb) -> RGBColor {
    RGBColor(colour.0, colour.1, colour.2)
}

/// The scene as one SVG element with real text, a title and a description.
pub fn svg(scene: &Scene) -> Result<String, ChartError> {
    ready()?;
    let mut body = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut body, size(scene.sheet, FINE));
        for mark in &scene.marks {
            match mark {
                Mark::Line {
                    points,
                    width,
                    colour,
                } => {
                    let path: Vec<_> = simplified(points, 0.2).into_iter().map(device).collect();
                    let stroke_width = (width * f64::from(FINE)).round() as u32;
                    let style = ShapeStyle {
                        color: rgb(*colour).into(),
                        filled: false,
                        stroke_width,
                    };
                    backend.draw_path(path, &style).map_err(failed)?;
                }
                Mark::Text {
                    at,
                    text,
                    face,
                    anchor,
                } => {
                    svg_text(&mut backend, *at, text, *face, *anchor)?;
                }
                other => paint_shape(&mut backend, other)?,
            }
        }
        backend.present().map_err(failed)?;
    }
    Ok(dressed(&body, scene))
}

/// Replaces the head that plotters wrote by one in px with title and description.
fn dressed(body: &str, scene: &Scene) -> String {
    let inner = body.split_once(">\n").map_or("", |(_, rest)| rest);
    let (width, height) = size(scene.sheet, 1);
    let (fine_width, fine_height) = size(scene.sheet, FINE);
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {fine_width} {fine_height}\" role=\"img\" stroke-linejoin=\"round\" \
         stroke-linecap=\"round\" text-rendering=\"geometricPrecision\" font-family=\"{family}\">\n\
         <title>{title}</title>\n<desc>{description}</desc>\n",
        family = lettering::FAMILY,
        title = escaped(&scene.title),
        description = escaped(&scene.description),
    );
    let family = format!(" font-family=\"{}\"", lettering::FAMILY);
    head + &inner
        .replace(" opacity=\"1\"", "")
        .replace(&family, "")
        .replace(" stroke=\"none\"", "")
}

fn svg_text(
    backend: &mut SVGBackend<'_>,
    at: (f64, f64),
    text: &str,
    face: Face,
    anchor: Anchor,
) -> Result<(), ChartError> {
    let em = face.size * f64::from(FINE);
    // plotters writes size / 1.24 as font-size and hangs the text 0.76 em below y.
    let h_pos = match anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let style = text_style(em * 1.24, face).pos(Pos::new(h_pos, VPos::Top));
    let (x, y) = device(at);
    backend
        .draw_text(text, &style, (x, y - (0.76 * em).round() as i32))
        .map_err(failed)
}

fn text_style(device_size: f64, face: Face) -> TextStyle<'static> {
    TextStyle {
        font: lettering::font(face.weight, device_size),
        color: rgb(face.colour).to_backend_color(),
        pos: Pos::default(),
    }
}

fn paint_shape<B: DrawingBackend>(backend: &mut B, mark: &Mark) -> Result<(), ChartError> {
    match mark {
        Mark::Area { outline, colour } => {
            let path: Vec<_> = simplified(outline, 0.2).into_iter().map(device).collect();
            backend.fill_polygon(path, &fill(*colour)).map_err(failed)
        }
        Mark::Rect { from, to, colour } => backend
            .draw_rect(device(*from), device(*to), &fill(*colour), true)
            .map_err(failed),
        Mark::Dot {
            centre,
            radius,
            colour,
        } => {
            let radius = (radius * f64::from(FINE)).round() as u32;
            backend
                .draw_circle(device(*centre), radius, &fill(*colour), true)
                .map_err(failed)
        }
        Mark::Line { .. } | Mark::Text { .. } => Ok(()),
    }
}

/// Writes the scene as a PNG, two pixels to each px of the page.
pub fn png(scene: &Scene, path: &Path) -> Result<(), ChartError> {
    ready()?;
    let (width, height) = size(scene.sheet, FINE);
    let mut pixels = vec![255_u8; width as usize * height as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
        for mark in &scene.marks {
            match mark {
                Mark::Line {
                    points,
                    width,
                    colour,
                } => {
                    stroke(&mut backend, points, *width, *colour)?;
                }
                Mark::Text {
                    at,
                    text,
                    face,
                    anchor,
                } => {
                    bitmap_text(&mut backend, *at, text, *face, *anchor)?;
                }
                other => paint_shape(&mut backend, other)?,
            }
        }
        backend.present().map_err(failed)?;
    }
    let small = averaged(&pixels, width as usize, (FINE / SHARP) as usize);
    let sharp = size(scene.sheet, SHARP);
    let mut file = BitMapBackend::new(path, sharp);
    file.blit_bitmap((0, 0), sharp, &small).map_err(failed)?;
    file.present().map_err(failed)
}

/// A line as quadrilaterals with round joints: plotters' own wide lines show spikes.
fn stroke<B: DrawingBackend>(
    backend: &mut B,
    points: &[(f64, f64)],
    width: f64,
    colour: Rgb,
) -> Result<(), ChartError> {
    let style = fill(colour);
    let half = width / 2.0;
    let points = simplified(points, 0.1);
    for (index, pair) in points.windows(2).enumerate() {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = (dx * dx + dy * dy).sqrt();
        if length == 0.0 {
            continue;
        }
        let (nx, ny) = (-dy / length * half, dx / length * half);
        let corners = [
            (x0 + nx, y0 + ny),
            (x1 + nx, y1 + ny),
            (x1 - nx, y1 - ny),
            (x0 - nx, y0 - ny),
        ];
        if dx == 0.0 || dy == 0.0 {
            let low = device((x0.min(x1) - nx.abs(), y0.min(y1) - ny.abs()));
            let high = device((x0.max(x1) + nx.abs(), y0.max(y1) + ny.abs()));
            // A rectangle of plotters includes both its corners.
            let high = ((high.0 - 1).max(low.0), (high.1 - 1).max(low.1));
            backend.draw_rect(low, high, &style, true).map_err(failed)?;
        } else {
            backend
                .fill_polygon(corners.map(device), &style)
                .map_err(failed)?;
        }
        if index > 0 {
            let radius = (half * f64::from(FINE)).floor() as u32;
            backend
                .draw_circle(device(pair[0]), radius, &style, true)
                .map_err(failed)?;
        }
    }
    Ok(())
}

fn bitmap_text(
    backend: &mut BitMapBackend<'_>,
    at: (f64, f64),
    text: &str,
    face: Face,
    anchor: Anchor,
) -> Result<(), ChartError> {
    let width = lettering::width(text, face.size, face.weight);
    let left = match anchor {
        Anchor::Start => at.0,
        Anchor::Middle => at.0 - width / 2.0,
        Anchor::End => at.0 - width,
    };
    // ab_glyph scales to ascent + descent, and plotters sets the baseline half of it below y.
    let device_size = face.size * f64::from(FINE) * lettering::HEIGHT_EM;
    let style = text_style(device_size, face).pos(Pos::new(HPos::Left, VPos::Top));
    let (x, y) = device((left, at.1));
    let top = y - (device_size / 2.0).round() as i32;
    backend.draw_text(text, &style, (x, top)).map_err(failed)
}

/// Box filter: every output pixel is the mean of `factor` × `factor` input pixels.
fn averaged(pixels: &[u8], width: usize, factor: usize) -> Vec<u8> {
    let small_width = width / factor;
    let small_height = pixels.len() / 3 / width / factor;
    let area = factor * factor;
    let mut small = Vec::with_capacity(small_width * small_height * 3);
    let mut sums = vec![0_usize; small_width * 3];
    for row in 0..small_height {
        sums.fill(0);
        for line in 0..factor {
            let start = (row * factor + line) * width * 3;
            let source = &pixels[start..start + width * 3];
            for (sum, block) in sums
                .chunks_exact_mut(3)
                .zip(source.chunks_exact(3 * factor))
            {
                for pixel in block.chunks_exact(3) {
                    sum[0] += usize::from(pixel[0]);
                    sum[1] += usize::from(pixel[1]);
                    sum[2] += usize::from(pixel[2]);
                }
            }
        }
        small.extend(sums.iter().map(|sum| ((sum + area / 2) / area) as u8));
    }
    small
}

fn ready() -> Result<(), ChartError> {
    if lettering::ready() {
        Ok(())
    } else {
        Err(failed("the embedded typeface is damaged"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::{BLUE, INK};
    use crate::report::scene::Weight;

    #[test]
    fn the_box_filter_takes_the_mean() {
        let pixels = [0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0];
        assert_eq!(averaged(&pixels, 2, 2), vec![128, 128, 128]);
    }

    #[test]
    fn an_svg_has_real_text_and_escapes_it() {
        let mut scene = Scene {
            title: "<b>".into(),
            ..Scene::default()
        };
        let face = Face {
            size: 20.0,
            weight: Weight::Bold,
            colour: INK,
        };
        scene.text((10.0, 30.0), "a < b & c", face, Anchor::Start);
        scene.rule((0.0, 0.0), (10.0, 0.5), 2.0, BLUE);
        let text = svg(&scene).expect("paints");
        assert!(text.contains("a &lt; b &amp; c"), "{text}");
        assert!(text.contains("<title>&lt;b&gt;</title>"), "{text}");
        assert!(text.contains("font-size=\"80\""), "{text}");
        assert!(text.contains("stroke-width=\"8\""), "{text}");
    }
}
