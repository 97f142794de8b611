// What a verdict sounds like: the same as every terminal of ours (terminal/sounds.py). High opens, low does not.
const HIGH = 1320;
const MIDDLE = 880;
const LOW = 330;
const SHORT = 0.12;
const LONG = 0.6;
const GAP = 0.09;
const FADE = 0.01;
const LOUDNESS = 0.6;

export const SOUNDS = {
  granted: { pitch: HIGH, seconds: SHORT, times: 1 },
  granted_with_warning: { pitch: HIGH, seconds: SHORT, times: 2 },
  manual_check: { pitch: LOW, seconds: SHORT, times: 2 },
  payment_required: { pitch: MIDDLE, seconds: LONG, times: 1 },
  denied: { pitch: LOW, seconds: LONG, times: 1 },
  silent: { pitch: LOW, seconds: LONG, times: 2 },
};

let context = null;

// A browser lets a page be heard once somebody has touched it, or typed.
export function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

export function play(outcome) {
  const { pitch, seconds, times } = SOUNDS[outcome];
  navigator.vibrate?.(Array(times).fill([seconds * 400, GAP * 1000]).flat());
  if (context?.state !== "running") return;
  for (let turn = 0; turn < times; turn += 1) {
    const at = context.currentTime + turn * (seconds + GAP);
    const tone = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + FADE);
    volume.gain.setValueAtTime(LOUDNESS, at + seconds - FADE);
    volume.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}
