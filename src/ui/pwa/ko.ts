export const templates = {
  'pwa.ready': '새 버전의 Winnow가 준비되었습니다.',
  'pwa.after-run': '학습이 끝난 뒤에 적용할 수 있습니다.',
  'pwa.take': '새 버전으로 다시 불러오기',
  'pwa.refused': '다른 탭에서 학습 중입니다. 그 학습이 끝난 뒤에 적용하세요.',
};
