//! A picture before it is painted: marks in pixels of a page, y downwards.

use super::palette::Rgb;

/// The sheet that a picture is laid out on, px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    pub width: f64,
    pub height: f64,
}

impl Sheet {
    /// For reports and slides.
    pub const WIDE: Sheet = Sheet {
        width: 1200.0,
        height: 675.0,
    };
    /// For columns and feeds.
    pub const SQUARE: Sheet = Sheet {
        width: 1080.0,
        height: 1080.0,
    };
}

impl Default for Sheet {
    fn default() -> Self {
        Sheet::WIDE
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks; size in px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    pub size: f64,
    pub weight: Weight,
    pub colour: Rgb,
}

/// One thing that is drawn. Later marks lie above earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Line {
        points: Vec<(f64, f64)>,
        width: f64,
        colour: Rgb,
    },
    Area {
        outline: Vec<(f64, f64)>,
        colour: Rgb,
    },
    Rect {
        from: (f64, f64),
        to: (f64, f64),
        colour: Rgb,
    },
    Dot {
        centre: (f64, f64),
        radius: f64,
        colour: Rgb,
    },
    Text {
        at: (f64, f64),
        text: String,
        face: Face,
        anchor: Anchor,
    },
}

/// All marks of one picture, with what a screen reader says.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scene {
    pub sheet: Sheet,
    pub title: String,
    pub description: String,
    pub marks: Vec<Mark>,
}

/// A rectangle on the page, px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Frame {
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

impl Scene {
    pub fn line(&mut self, points: Vec<(f64, f64)>, width: f64, colour: Rgb) {
        if points.len() > 1 {
            self.marks.push(Mark::Line {
                points,
                width,
                colour,
            });
        }
    }

    pub fn rule(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: Rgb) {
        self.line(vec![from, to], width, colour);
    }

    pub fn area(&mut self, outline: Vec<(f64, f64)>, colour: Rgb) {
        if outline.len() > 2 {
            self.marks.push(Mark::Area { outline, colour });
        }
    }

    pub fn rect(&mut self, frame: Frame, colour: Rgb) {
        let (from, to) = ((frame.left, frame.top), (frame.right, frame.bottom));
        self.marks.push(Mark::Rect { from, to, colour });
    }

    pub fn dot(&mut self, centre: (f64, f64), radius: f64, colour: Rgb) {
        self.marks.push(Mark::Dot {
            centre,
            radius,
            colour,
        });
    }

    /// Text whose baseline begins, is centred or ends at `at`.
    pub fn text(&mut self, at: (f64, f64), text: &str, face: Face, anchor: Anchor) {
        if !text.is_empty() {
            self.marks.push(Mark::Text {
                at,
                text: text.to_owned(),
                face,
                anchor,
            });
        }
    }
}

/// Drops points that lie within `tolerance` px of the line through their neighbours, so that
/// ten years of weeks stay a small file (Douglas and Peucker).
#[must_use]
pub fn simplified(points: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut spans = vec![(0, points.len() - 1)];
    while let Some((first, last)) = spans.pop() {
        let mut worst = (0, tolerance);
        for index in first + 1..last {
            let distance = distance_to_line(points[index], points[first], points[last]);
            if distance > worst.1 {
                worst = (index, distance);
            }
        }
        if worst.0 > 0 {
            keep[worst.0] = true;
            spans.push((first, worst.0));
            spans.push((worst.0, last));
        }
    }
    points
        .iter()
        .zip(keep)
        .filter(|(_, kept)| *kept)
        .map(|(point, _)| *point)
        .collect()
}

fn distance_to_line(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = (dx * dx + dy * dy).sqrt();
    let (px, py) = (point.0 - from.0, point.1 - from.1);
    if length == 0.0 {
        (px * px + py * py).sqrt()
    } else {
        (dx * py - dy * px).abs() / length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_keeps_its_ends_and_a_corner_stays() {
        let straight: Vec<_> = (0..100)
            .map(|i| (f64::from(i), 2.0 * f64::from(i)))
            .collect();
        assert_eq!(simplified(&straight, 0.1), vec![straight[0], straight[99]]);
        let corner = [(0.0, 0.0), (5.0, 9.0), (10.0, 0.0)];
        assert_eq!(simplified(&corner, 0.1), corner);
    }
}
