import type { Limit } from '../engine/exchange/limits.js';

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

const english = {
  language: '한국어',
  lead: (classes: string) => `Tells photos apart: ${classes}.`,
  private: 'Everything happens in this page. It works without a network, and no photo leaves this device.',
  choose: 'Choose a photo',
  hint: 'or drop it here, or paste it',
  loading: 'Reading the model …',
  looking: 'Looking at the photo …',
  photo: 'The photo',
  answer: 'What it sees',
  none: 'No photo yet.',
  says: (name: string, share: string) => `${name}, ${share}`,
  timed: (ms: string, where: string) => `${ms} ms on ${where}`,
  others: (count: number) => `${count} more classes`,
  webgpu: 'WebGPU',
  javascript: 'plain JavaScript',
  fellBack: 'WebGPU failed here, so plain JavaScript answers. It is slower, and just as right.',
  photoBroken: 'This file is no photo that the browser can open. Try JPEG, PNG or WebP.',
  modelBroken: 'The model in this page is damaged. Get the file again.',
  card: 'The model',
  network: 'Network',
  trainedOn: 'Trained on',
  images: (count: string) => `${count} photos`,
  trained: 'Trained',
  with: 'How',
  how: (epochs: number, batch: number, size: number, seed: number) => `epoch ${epochs} kept, batch ${batch}, ${size} × ${size} pixels, seed ${seed}`,
  validation: 'Validation accuracy',
  test: 'Test accuracy',
  perturbed: 'On changed photos',
  speed: 'Speed where it was trained',
  fast: (ms: string, perSecond: string | null, adapter: string) => `${ms} ms a photo${perSecond === null ? '' : `, ${perSecond} a second`}, ${adapter}`,
  preparation: 'Photo',
  prepared: (size: number) => `stretched to ${size} × ${size} pixels`,
  program: 'Written by',
  limits: 'Its limits',
  limit(limit: Limit): string {
    switch (limit.kind) {
      case 'closed-set': return `It answers with one of its ${limit.classes} classes, whatever the photo shows.`;
      case 'synthetic': return 'It was trained on drawn photos, not on real ones.';
      case 'no-test': return 'No photos were set aside for a test: the validation photos also chose the epoch.';
      case 'fragile': return `Turned, shifted or zoomed photos are harder for it: ${percent(limit.perturbed)} right in place of ${percent(limit.accuracy)}.`;
      case 'continued': return `It was trained on with ${limit.with}; its accuracy on changed photos was measured before that.`;
    }
  },
};

export type Words = typeof english;

const korean: Words = {
  language: 'English',
  lead: (classes) => `사진을 가려냅니다: ${classes}.`,
  private: '모든 일은 이 페이지 안에서 일어납니다. 네트워크 없이 작동하며, 사진은 이 기기를 떠나지 않습니다.',
  choose: '사진 고르기',
  hint: '또는 여기에 끌어다 놓거나 붙여 넣으세요',
  loading: '모델을 읽는 중…',
  looking: '사진을 보는 중…',
  photo: '사진',
  answer: '보이는 것',
  none: '아직 사진이 없습니다.',
  says: (name, share) => `${name}, ${share}`,
  timed: (ms, where) => `${where}에서 ${ms} ms`,
  others: (count) => `클래스 ${count}개 더`,
  webgpu: 'WebGPU',
  javascript: '자바스크립트',
  fellBack: '여기서는 WebGPU가 실패해 자바스크립트로 답합니다. 느리지만 답은 같습니다.',
  photoBroken: '브라우저가 열 수 있는 사진이 아닙니다. JPEG, PNG, WebP로 해 보세요.',
  modelBroken: '이 페이지의 모델이 손상되었습니다. 파일을 다시 받으세요.',
  card: '모델',
  network: '신경망',
  trainedOn: '학습한 데이터',
  images: (count) => `사진 ${count}장`,
  trained: '학습한 때',
  with: '방법',
  how: (epochs, batch, size, seed) => `에포크 ${epochs}의 가중치, 배치 ${batch}, ${size} × ${size} 픽셀, 시드 ${seed}`,
  validation: '검증 정확도',
  test: '테스트 정확도',
  perturbed: '바꾼 사진에서',
  speed: '학습한 곳에서의 속도',
  fast: (ms, perSecond, adapter) => `사진 한 장에 ${ms} ms${perSecond === null ? '' : `, 1초에 ${perSecond}장`}, ${adapter}`,
  preparation: '사진',
  prepared: (size) => `${size} × ${size} 픽셀로 늘이거나 줄임`,
  program: '만든 프로그램',
  limits: '한계',
  limit(limit) {
    switch (limit.kind) {
      case 'closed-set': return `사진에 무엇이 있든 클래스 ${limit.classes}개 가운데 하나로 답합니다.`;
      case 'synthetic': return '실제 사진이 아니라 그린 사진으로 학습했습니다.';
      case 'no-test': return '따로 떼어 둔 테스트 사진이 없습니다. 검증 사진은 에포크를 고르는 데에도 쓰였습니다.';
      case 'fragile': return `돌리거나 옮기거나 확대한 사진은 더 어려워합니다: 정확도 ${percent(limit.accuracy)} 대신 ${percent(limit.perturbed)}.`;
      case 'continued': return `${limit.with}(으)로 더 학습했습니다. 바꾼 사진에서의 정확도는 그 전에 잰 것입니다.`;
    }
  },
};

export const words = { en: english, ko: korean } as const;
export type Language = keyof typeof words;

/** The first language of the browser that we speak. */
export function firstLanguage(): Language {
  return navigator.languages.map((tag) => tag.split('-')[0]).find((tag) => tag === 'en' || tag === 'ko') ?? 'en';
}
