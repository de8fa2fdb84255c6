// Outlines over the camera's picture: a canvas of the video's size on the page.

const TONES = { good: "--mark-good", done: "--mark-done", care: "--mark-care" };

// marks: [{corners: four [x, y] as parts of the picture, tone: good | done | care}].
export function drawMarks(canvas, video, marks) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const dense = Math.min(2, window.devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
  }
  const pencil = canvas.getContext("2d");
  pencil.setTransform(dense, 0, 0, dense, 0, 0);
  pencil.clearRect(0, 0, width, height);
  if (!marks.length || !video.videoWidth) return;
  const place = placing(video, width, height);
  const style = getComputedStyle(canvas);
  for (const { corners, tone } of marks) {
    pencil.strokeStyle = style.getPropertyValue(TONES[tone]);
    pencil.fillStyle = pencil.strokeStyle;
    outline(pencil, corners.map(place), tone);
  }
}

// From a part of the picture to the page, as the video's object-fit shows it, mirrored as it is.
function placing(video, width, height) {
  const { videoWidth, videoHeight } = video;
  const style = getComputedStyle(video);
  const fit = style.objectFit === "cover" ? Math.max : Math.min;
  const scale = fit(width / videoWidth, height / videoHeight);
  const mirrored = video.classList.contains("is-mirror");
  return ([x, y]) => [
    width / 2 + (mirrored ? 0.5 - x : x - 0.5) * videoWidth * scale,
    height / 2 + (y - 0.5) * videoHeight * scale,
  ];
}

function outline(pencil, points, tone) {
  const [[x0, y0], , [x2, y2]] = points;
  const size = Math.hypot(x2 - x0, y2 - y0);
  pencil.lineWidth = Math.max(3, size * 0.05);
  pencil.lineJoin = "round";
  pencil.beginPath();
  for (const [x, y] of points) pencil.lineTo(x, y);
  pencil.closePath();
  pencil.globalAlpha = 0.28;
  pencil.fill();
  pencil.globalAlpha = 1;
  pencil.stroke();
  badge(pencil, (x0 + x2) / 2, (y0 + y2) / 2, Math.max(9, size * 0.2), tone);
}

// A tick, or an exclamation mark: told apart without colours too.
function badge(pencil, x, y, radius, tone) {
  pencil.beginPath();
  pencil.arc(x, y, radius, 0, 2 * Math.PI);
  pencil.fill();
  pencil.strokeStyle = "#fff";
  pencil.lineWidth = Math.max(2, radius * 0.26);
  pencil.lineCap = "round";
  pencil.beginPath();
  if (tone === "care") {
    pencil.moveTo(x, y - radius * 0.5);
    pencil.lineTo(x, y + radius * 0.1);
    pencil.moveTo(x, y + radius * 0.5);
    pencil.lineTo(x, y + radius * 0.5);
  } else {
    pencil.moveTo(x - radius * 0.45, y + radius * 0.02);
    pencil.lineTo(x - radius * 0.12, y + radius * 0.36);
    pencil.lineTo(x + radius * 0.46, y - radius * 0.34);
  }
  pencil.stroke();
}
