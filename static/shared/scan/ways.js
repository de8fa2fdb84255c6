// The ways in which a picture is looked at, in turn: several sizes, two ways to tell dark from
// light. What one misses another finds: a larger picture shows bent and blurred modules to more
// decimals, a smaller one is calmer, glare asks for the other threshold. `scripts/bench camera`
// measures them.

const ONE = [
  { widest: 1280, binarizer: "LocalAverage" },
  { widest: 1920, binarizer: "LocalAverage" },
  { widest: 1280, binarizer: "GlobalHistogram" },
  { widest: 960, binarizer: "LocalAverage" },
];
// Many codes in one picture are small: more of the camera's picture is kept.
const MANY = [
  { widest: 1920, binarizer: "LocalAverage" },
  { widest: 2560, binarizer: "LocalAverage" },
  { widest: 1920, binarizer: "GlobalHistogram" },
  { widest: 1280, binarizer: "LocalAverage" },
];
const LARGEST = 1.5; // times a picture is enlarged, at most

export const SIZE = { width: 1920, height: 1080 }; // asked of the camera
export const SIZE_MANY = { width: 2560, height: 1440 };

// {width, height, binarizer} in which a picture of this size is looked at in its turn.
export function wayOf({ width, height, turn, many = false }) {
  const ways = many ? MANY : ONE;
  const { widest, binarizer } = ways[turn % ways.length];
  const scale = Math.min(LARGEST, widest / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale), binarizer };
}
