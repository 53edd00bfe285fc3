// Recording oneself for enrolment: camera and microphone into one file, put into the form that is there without a script too.
"use strict";

const page = document.getElementById("challenge");
const clock = document.getElementById("clock");
const said = document.getElementById("said");
const recorder = document.getElementById("recorder");
const form = document.getElementById("send");
const button = document.getElementById("record");
const mirror = document.getElementById("mirror");
const trouble = document.getElementById("trouble");
const ends = Date.now() + 1000 * Number(page.dataset.left);
let recording = null;

// Seconds that are left: shown every second, spoken at a minute's quarters and in the last ten by fives.
function tick() {
  const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
  const words = left ? page.dataset.seconds.replace("{n}", left) : page.dataset.over;
  clock.textContent = words;
  if (left % 15 === 0 || left === 10 || left === 5) said.textContent = words;
  if (left) return setTimeout(tick, 1000);
  if (recording) stop();
  return undefined;
}

function fail() {
  trouble.textContent = page.dataset.unable;
  trouble.hidden = false;
}

async function start() {
  trouble.hidden = true;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: true, video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } },
    });
  } catch (reason) {
    return fail();
  }
  mirror.srcObject = stream;
  mirror.hidden = false;
  mirror.play();
  const pieces = [];
  recording = new MediaRecorder(stream, { videoBitsPerSecond: 2_500_000 });
  recording.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recording.addEventListener("stop", () => {
    for (const track of stream.getTracks()) track.stop();
    send(new Blob(pieces, { type: recording.mimeType }));
  });
  recording.start();
  button.textContent = button.dataset.stop;
  said.textContent = page.dataset.recording;
  return undefined;
}

function stop() {
  button.disabled = true;
  recording.stop();
}

function send(film) {
  const ending = film.type.includes("mp4") ? "mp4" : "webm";
  const chosen = new DataTransfer();
  chosen.items.add(new File([film], `me.${ending}`, { type: film.type }));
  form.elements.namedItem("file").files = chosen.files;
  clock.textContent = said.textContent = page.dataset.sending;
  form.submit();
}

if (form && window.MediaRecorder && navigator.mediaDevices) {
  recorder.hidden = false;
  button.addEventListener("click", () => (recording ? stop() : start()));
}
if (clock) setTimeout(tick, 1000);
