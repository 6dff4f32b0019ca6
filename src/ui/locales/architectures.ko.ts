/** What the architectures say of themselves (engine/architectures), by id. */
export const templates: Readonly<Record<string, string>> = {
  'arch.cnn': '연구의 기본 신경망: 합성곱 셋에 각각 풀링, 가중치의 거의 전부를 가진 밀집층 하나.',
  'arch.cnn-final': '연구의 마지막 모델: 비교한 뒤에 남은 일. 필터 8개와 16개의 합성곱 넷과 전역 풀링.',
  'arch.cnn-light': '연구가 CNN을 줄인 것: 보폭이 있는 합성곱 둘, 필터 8개와 16개.',
  'arch.googlenet': 'Szegedy 외, Going Deeper with Convolutions, 2014. 보조 출력과 국소 응답 정규화는 뺐음.',
  'arch.googlenet-light': '연구가 GoogLeNet(Szegedy 외 2014)을 줄인 것: 더 좁은 인셉션 모듈 여덟.',
  'arch.mobilenet': 'Howard 외, MobileNets, 2017. 이름은 keras.applications.MobileNet을 따르고, 전역 풀링 뒤에 소프트맥스 밀집층 하나.',
  'arch.vgg-custom': '연구가 만든 작은 VGG: 필터 16, 32, 64개의 블록 셋.',
  'arch.vgg-light': 'VGG16(Simonyan·Zisserman 2014)을 네 번째 블록 뒤에서 자르고 연구의 머리를 붙인 것.',
  'arch.vgg16': 'Simonyan·Zisserman, Very Deep Convolutional Networks, 2014, 구성 D. keras.applications.VGG16과 같음(드롭아웃 없음).',
  'arch.vgg16-gap': 'VGG16의 합성곱(Simonyan·Zisserman 2014)에 전역 풀링과 512개짜리 밀집층.',
  'arch.mobilenet.width': '너비 배수',
};
